import { isChoice, isMemo, isReadOnly, memoLength, requiredOf, writableOf } from './distil-rules.mjs';

const EDM_TYPES = {
  Int64: 'BigIntType',
  Double: 'DoubleType',
  Boolean: 'BooleanType',
  DateTimeOffset: 'DateTimeType',
  Date: 'DateTimeType',
  Guid: 'UniqueidentifierType',
};
const ENTITY_NAMES = new Set([
  'objecttypecode',
  'activitytypecode',
  'entitytype',
  'primaryentitytypecode',
  'primaryentity',
]);
const FOREIGN = /^(spice|msdyn|msa|adx|mspp|msfp|bcgov|new)_/;

/** The columns of a table, defaults left out: recorded ones where there is a definition, derived ones otherwise. */
export function columnsOf(table, sources) {
  const definition = sources.definitions.get(table);
  if (!definition) return derivedColumns(table, sources);
  // The definitions come from an environment without the sales and service apps, whose columns the CSDL has.
  const recorded = recordedColumns(definition, sources);
  const derived = derivedColumns(table, sources);
  const added = Object.entries(derived).filter(([name]) => !definition.columns.has(name));
  return { ...Object.fromEntries(added), ...recorded };
}

function recordedColumns(definition, sources) {
  const columns = {};
  for (const [name, column] of definition.columns) {
    const targets = column.targets?.filter((target) => target in sources.catalog.tables);
    if (column.custom || FOREIGN.test(name) || (column.targets && !targets.length)) continue;
    if (column.of && !definition.columns.has(column.of)) continue;
    columns[name] = compact({
      ...column,
      targets,
      write: (column.create ? 'c' : '') + (column.update ? 'u' : ''),
    });
  }
  for (const name of Object.keys(columns))
    if (columns[name].of && !(columns[name].of in columns)) delete columns[name];
  return columns;
}

function compact(column) {
  const image = column.type === 'ImageType';
  return drop({
    type: column.type,
    schema: column.schema,
    label: column.label,
    id: column.id,
    number: column.number,
    write: column.write === 'cu' ? undefined : column.write,
    read: column.read ? undefined : false,
    odata: column.odata ? undefined : false,
    of: column.of,
    required: column.required === 'None' ? undefined : column.required,
    secured: column.secured || undefined,
    source: column.sourceType || undefined,
    length: column.length === undefined ? undefined : Number(column.length),
    precision: column.precision === undefined ? undefined : Number(column.precision),
    min: column.min,
    max: column.max,
    format: column.format,
    behavior: column.behavior,
    calculationOf: column.calculationOf,
    targets: column.targets,
    options: column.options,
    optionSet: column.optionSet,
    default: defaultOf(column),
    autoNumber: column.autoNumber,
    ...(image
      ? { primaryImage: column.primaryImage, fullImage: column.fullImage, sizeKb: Number(column.sizeKb) }
      : {}),
  });
}

function defaultOf(column) {
  if (column.isDefault === undefined || column.isDefault === '-1') return undefined;
  return column.type === 'BooleanType' ? column.isDefault === 'true' : Number(column.isDefault);
}

function derivedColumns(table, sources) {
  const entity = sources.csdl.entities.get(table);
  const names = new Set(entity.properties.map((property) => property.name));
  const columns = {};
  for (const { name, edm } of entity.properties) {
    const lookup = /^_(.*)_value$/.exec(name)?.[1];
    const column = lookup ?? name;
    if (FOREIGN.test(column) || column.endsWith('_binary')) continue;
    const fact = lookup
      ? lookupColumn(table, lookup, sources)
      : plainColumn(table, column, edm, {
          key: entity.key,
          names,
          model: sources.cdm.get(table)?.get(column),
        });
    if (fact) columns[column] = withModel(table, column, fact, sources);
  }
  return columns;
}

function lookupColumn(table, column, sources) {
  if (column === 'ownerid')
    return { type: 'OwnerType', targets: ['systemuser', 'team'], required: 'SystemRequired' };
  const found = sources.csdl.entities
    .get(table)
    .navigations.filter((navigation) => !navigation.many && columnOfNavigation(table, navigation) === column)
    .map((navigation) => navigation.target);
  const declared = { 'listmember.listid': ['list'], 'listmember.entityid': ['account', 'contact', 'lead'] }[
    `${table}.${column}`
  ];
  const targets = [...new Set(declared ?? (found.length ? found : inheritedTargets(column)))].filter(
    (target) => target in sources.catalog.tables,
  );
  if (!targets.length) return undefined;
  const customer = targets.join() === 'account,contact' && /^(customerid|parentcustomerid)$/.test(column);
  return { type: customer ? 'CustomerType' : 'LookupType', targets: targets.sort() };
}

/** Lookups that the platform keeps itself: no navigation property leads there. */
const UNBOUND = {
  accountid: ['account'],
  billingaccountid: ['account'],
  billingcontactid: ['contact'],
  businessunitid: ['businessunit'],
  campaignid: ['campaign'],
  contactid: ['contact'],
  organizationid: ['organization'],
  parentcontactid: ['contact'],
  regardingobjectownerid: ['systemuser', 'team'],
  regardingobjectowningbusinessunit: ['businessunit'],
  ruleid: ['recurrencerule'],
  sendermailboxid: ['mailbox'],
};

/** Owner companions have no navigation property on some activity tables of the CSDL. */
function inheritedTargets(column) {
  if (column in UNBOUND) return UNBOUND[column];
  if (/^(owninguser|createdby|modifiedby|createdonbehalfby|modifiedonbehalfby)$/.test(column))
    return ['systemuser'];
  return column === 'owningteam' ? ['team'] : column === 'owningbusinessunit' ? ['businessunit'] : [];
}

/**
 * A derived type's navigation property is `<column>_<target>_<table>` or `<column>_<table>`; where it takes a
 * relationship over from the base type, that one's name stands in between.
 */
export function columnOfNavigation(table, navigation) {
  if (navigation.column) return navigation.column;
  const { target } = navigation;
  const name = navigation.name
    .replace('_activitypointer_', '_')
    .replace('_new_interactionforemail', '_interactionforemail');
  for (const tail of [`_${target}_${table}`, `_${table}_${target}`, `_${table}`, `_${target}`]) {
    if (name.endsWith(tail)) return name === `sla${tail}` ? 'slaid' : name.slice(0, -tail.length);
  }
  // One name of the recording is in the schema's case.
  return name.toLowerCase();
}

/** A rollup has `_date` and `_state` beside it; all three are computed. */
function rollupPart(column, names) {
  if (names.has(`${column}_date`) && names.has(`${column}_state`)) return { source: 2, write: '' };
  const base = /^(.*)_(?:date|state)$/.exec(column)?.[1];
  return base !== undefined && names.has(`${base}_date`) && names.has(`${base}_state`) ? { write: '' } : {};
}

function plainColumn(table, column, edm, context) {
  return { ...basicColumn(table, column, edm, context), ...rollupPart(column, context.names) };
}

function basicColumn(table, column, edm, { key, names, model }) {
  if (column === key) return { type: 'UniqueidentifierType', write: 'c', required: 'SystemRequired' };
  if (column === 'statecode') return { type: 'StateType', required: 'SystemRequired' };
  if (column === 'statuscode') return { type: 'StatusType' };
  if (edm === 'Binary') return { type: 'ImageType', of: 'entityimageid', primaryImage: true, sizeKb: 10240 };
  if (/^entityimage_(url|timestamp)$/.test(column)) {
    return { type: column.endsWith('url') ? 'StringType' : 'BigIntType', of: 'entityimageid', write: '' };
  }
  if (edm === 'Decimal') return decimalColumn(column, names);
  if (edm.endsWith('ManagedProperty')) return { type: 'ManagedPropertyType' };
  if (edm === 'String') return textColumn(column, model);
  if (edm === 'Int32') return { type: isChoice(table, column, model) ? 'PicklistType' : 'IntegerType' };
  return { type: EDM_TYPES[edm], ...(edm === 'Date' ? { behavior: 'DateOnly', format: 'DateOnly' } : {}) };
}

function decimalColumn(column, names) {
  if (column.endsWith('_base'))
    return { type: 'MoneyType', precision: 4, calculationOf: column.slice(0, -5), write: '' };
  if (names.has(`${column}_base`)) return { type: 'MoneyType', precision: 2 };
  return { type: 'DecimalType', precision: column === 'exchangerate' ? 12 : 5 };
}

function textColumn(column, model) {
  if (ENTITY_NAMES.has(column)) return { type: 'EntityNameType' };
  const length = model?.length;
  return isMemo(column, length)
    ? { type: 'MemoType', length: length ?? memoLength(column) }
    : { type: 'StringType', length: length ?? 100 };
}

/** Adds what the published model and the definitions of other tables say about a column of this name. */
function withModel(table, column, fact, sources) {
  const model = sources.cdm.get(table)?.get(column);
  const twins = [...sources.definitions.values()]
    .map((definition) => definition.columns.get(column))
    .filter(Boolean);
  const twin = twins.find((one) => one.type === fact.type);
  const schema =
    twins[0]?.schema ??
    (model?.schema.toLowerCase() === column ? upper(model.schema) : schemaFrom(sources, column));
  const choice = ['PicklistType', 'StateType', 'StatusType', 'BooleanType'].includes(fact.type);
  return drop({
    ...fact,
    schema,
    label: model?.label ?? twins[0]?.label,
    write: fact.write ?? writableOf(table, column, fact.type),
    required: requiredLevel(table, column, fact, model),
    options:
      choice && fact.type !== 'StateType' && fact.type !== 'StatusType'
        ? (model?.options ?? twin?.options)
        : model?.options,
    format: fact.format ?? twin?.format,
    behavior: fact.behavior ?? (fact.type === 'DateTimeType' ? (twin?.behavior ?? 'UserLocal') : undefined),
    ...(fact.type === 'StringType' && !model?.length && twin?.length ? { length: Number(twin.length) } : {}),
    ...(/^(Integer|Decimal|Double|Money)Type$/.test(fact.type)
      ? { min: text(model?.min) ?? twin?.min, max: text(model?.max) ?? twin?.max }
      : {}),
  });
}

function requiredLevel(table, column, fact, model) {
  const known = requiredOf(table, column) ?? fact.required;
  const level = known ?? (isReadOnly(table, column) ? undefined : model?.required);
  return level === 'None' ? undefined : level;
}

const text = (value) => (value === undefined ? undefined : String(value));
const upper = (name) => name[0].toUpperCase() + name.slice(1);

/** Schema casing from the published model of any table, else the first letter in upper case. */
function schemaFrom(sources, column) {
  for (const columns of sources.cdm.values()) {
    const schema = columns.get(column)?.schema;
    if (schema?.toLowerCase() === column) return upper(schema);
  }
  return upper(column);
}

function drop(object) {
  return Object.fromEntries(
    Object.entries(object).filter(
      ([key, value]) => value !== undefined && !(key === 'options' && !value.length),
    ),
  );
}
