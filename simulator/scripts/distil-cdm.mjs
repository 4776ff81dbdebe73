/** Name of the published model's entity where it is not the table's logical name. */
const TABLE_OF = {
  case: 'incident',
  currency: 'transactioncurrency',
  note: 'annotation',
  pricelist: 'pricelevel',
  pricelistitem: 'productpricelevel',
  user: 'systemuser',
};

const LEVELS = {
  none: 'None',
  recommended: 'Recommended',
  required: 'ApplicationRequired',
  systemrequired: 'SystemRequired',
};

/** Labels, lengths, bounds, options and required levels of the published model: table -> column -> facts. */
export function readCdm(documents) {
  const tables = new Map();
  for (const text of documents) {
    for (const entity of JSON.parse(text).definitions) {
      if (!entity.hasAttributes) continue;
      const name = entity.entityName.toLowerCase();
      const columns = new Map();
      for (const attribute of flatten(entity.hasAttributes)) addColumn(columns, attribute);
      tables.set(TABLE_OF[name] ?? name, columns);
    }
  }
  return tables;
}

function* flatten(members) {
  for (const member of members) {
    if (typeof member === 'string') continue;
    const group = member.attributeGroupReference;
    if (typeof group === 'object') yield* flatten(group.members);
    else if (!group)
      yield member.entity
        ? (member.resolutionGuidance?.entityByReference?.foreignKeyAttribute ?? {})
        : member;
  }
}

function addColumn(columns, attribute) {
  if (!attribute.sourceName) return;
  const traits = [...(attribute.appliedTraits ?? [])].filter((trait) => typeof trait === 'object');
  const level = traits.find((trait) => trait.traitReference === 'is.requiredAtLevel')?.arguments[0].value;
  columns.set(attribute.sourceName, {
    schema: attribute.name,
    type: typeof attribute.dataType === 'string' ? attribute.dataType : attribute.dataType?.dataTypeReference,
    label: attribute.displayName,
    length: attribute.maximumLength,
    min: attribute.minimumValue,
    max: attribute.maximumValue,
    required: LEVELS[level],
    options: optionsOf(attribute.dataType),
  });
}

function optionsOf(dataType) {
  const traits = typeof dataType === 'object' ? (dataType.appliedTraits ?? []) : [];
  const values = traits.find((trait) => trait.traitReference === 'does.haveDefault')?.arguments[0]
    .entityReference?.constantValues;
  return values
    ?.filter(([language]) => language === 'en')
    .map(([, label, value, , state]) =>
      state === undefined ? [Number(value), label] : [Number(value), label, { state: Number(state) }],
    );
}
