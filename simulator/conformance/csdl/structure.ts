import { deepEqual, ok } from 'node:assert/strict';
import { XMLParser } from 'fast-xml-parser';
import type { Checks } from '../checks.ts';
import { bareName, ownMembers, type CsdlModel, type Member } from './model.ts';

/** The document holds together: each finding names what is wrong, and there must be none. */
export async function checkStructure(checks: Checks, model: CsdlModel, xml: string): Promise<void> {
  const none = (name: string, find: () => readonly string[]) =>
    checks.check(name, () => deepEqual(find().slice(0, 10), []));
  await checks.check('$metadata converts to CSDL JSON without a message', () =>
    deepEqual(model.messages, []),
  );
  await checks.check('it declares types, sets, operations and imports', () => {
    ok(model.types.length > 100 && model.sets.length > 50, `${model.types.length}, ${model.sets.length}`);
    ok(
      model.operations.length > 20 && model.imports.size > 20,
      `${model.operations.length}, ${model.imports.size}`,
    );
  });
  await none('no name is declared twice', () => duplicates(xml));
  await none('every entity set resolves to an entity type', () =>
    model.sets.filter((set) => model.type(set.type)?.$Kind !== 'EntityType').map((set) => set.name),
  );
  await none('every base type exists', () =>
    model.types.filter(([, type]) => !model.knows(type.$BaseType)).map(([name]) => name),
  );
  await none('every entity set has a key whose properties exist', () =>
    model.sets.filter((set) => !hasKey(model, set.type)).map((set) => set.name),
  );
  await none('every property has a type that exists', () =>
    eachMember(model, (_, member) => (model.knows(member.$Type) ? undefined : String(member.$Type))),
  );
  await none('every navigation property leads to an entity type', () =>
    eachNavigation(model, (_, { $Type = '' }) =>
      model.type($Type)?.$Kind === 'EntityType' ? undefined : $Type,
    ),
  );
  await none('every partner exists and leads back', () =>
    eachNavigation(model, (owner, member) => brokenPartner(model, owner, member)),
  );
  await none('every referential constraint names properties of the same type', () =>
    eachNavigation(model, (owner, member) => brokenConstraint(model, owner, member)),
  );
  await none('every binding names a navigation property and a set of its type', () => brokenBindings(model));
  await none('a derived type declares nothing again', () => shadowed(model));
  await none('every parameter and answer of an operation has a type that exists', () =>
    model.operations.flatMap(([name, one]) =>
      [...(one.$Parameter ?? []), ...(one.$ReturnType === undefined ? [] : [one.$ReturnType])]
        .filter((part) => !model.knows(part.$Type))
        .map((part) => `${name}: ${String(part.$Type)}`),
    ),
  );
  await none('every import names an unbound operation, and every unbound operation has one', () =>
    importProblems(model),
  );
}

type Finding = string | undefined;

function eachMember(model: CsdlModel, find: (owner: string, member: Member) => Finding): string[] {
  return model.types.flatMap(([owner, type]) =>
    ownMembers(type).flatMap(([name, member]) => {
      const finding = find(owner, member);
      return finding === undefined ? [] : [`${owner}.${name}: ${finding}`];
    }),
  );
}

function eachNavigation(model: CsdlModel, find: (owner: string, member: Member) => Finding): string[] {
  return eachMember(model, (owner, member) =>
    member.$Kind === 'NavigationProperty' ? find(owner, member) : undefined,
  );
}

function hasKey(model: CsdlModel, type: string): boolean {
  const key = model.keyOf(type);
  const members = model.members(type);
  return key !== undefined && key.length > 0 && key.every((name) => members.has(name));
}

function brokenPartner(model: CsdlModel, owner: string, member: Member): Finding {
  if (member.$Partner === undefined) return undefined;
  const back = model.members(member.$Type ?? '').get(member.$Partner);
  if (back?.$Kind !== 'NavigationProperty') return `${member.$Type} has no ${member.$Partner}`;
  const type = back.$Type ?? '';
  return model.derives(owner, type) || model.derives(type, owner)
    ? undefined
    : `${member.$Partner} leads to ${type}`;
}

function brokenConstraint(model: CsdlModel, owner: string, member: Member): Finding {
  for (const [name, referenced] of Object.entries(member.$ReferentialConstraint ?? {})) {
    const own = model.members(owner).get(name);
    const other = model.members(member.$Type ?? '').get(referenced);
    if (own === undefined) return `no property ${name}`;
    if (other === undefined) return `${member.$Type} has no property ${referenced}`;
    if (own.$Type !== other.$Type) return `${name} is ${own.$Type}, ${referenced} is ${other.$Type}`;
  }
  return undefined;
}

function brokenBindings(model: CsdlModel): string[] {
  const types = new Map(model.sets.map((set) => [set.name, set.type]));
  return model.sets.flatMap((set) =>
    Object.entries(set.bindings).flatMap(([path, target]) => {
      const steps = path.split('/');
      const cast = steps.length > 1 ? bareName(steps[0]!) : set.type; // a split text has a first part
      const member = model.members(cast).get(steps.at(-1)!); // and a last one
      const type = types.get(target);
      if (member?.$Kind !== 'NavigationProperty') return [`${set.name}/${path}: no navigation property`];
      if (type === undefined) return [`${set.name}/${path}: no set ${target}`];
      return model.derives(member.$Type ?? '', type) || model.derives(type, member.$Type ?? '')
        ? []
        : [`${set.name}/${path}: ${target} holds ${type}`];
    }),
  );
}

function shadowed(model: CsdlModel): string[] {
  return model.types.flatMap(([name, type]) => {
    const inherited = type.$BaseType === undefined ? undefined : model.members(type.$BaseType);
    return ownMembers(type)
      .filter(([member]) => inherited?.has(member))
      .map(([member]) => `${name}.${member}`);
  });
}

function importProblems(model: CsdlModel): string[] {
  const unbound = new Set(model.operations.filter(([, one]) => one.$IsBound !== true).map(([name]) => name));
  const imported = new Set(model.imports.values());
  return [
    ...[...imported].filter((name) => !unbound.has(name)).map((name) => `import of ${name}`),
    ...[...unbound].filter((name) => !imported.has(name)).map((name) => `no import of ${name}`),
  ];
}

interface XmlElement {
  readonly Name: string;
  readonly Property?: readonly XmlElement[];
  readonly NavigationProperty?: readonly XmlElement[];
}

/** CSDL JSON cannot hold a name twice, so this is looked for in the XML. Operations may have overloads. */
function duplicates(xml: string): string[] {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    removeNSPrefix: true,
    isArray: (_name, path) => /\.(Schema|EntityContainer|EntityType|ComplexType)\.\w+$/.test(String(path)),
  });
  const document = parser.parse(xml) as {
    Edmx: { DataServices: { Schema: Record<string, readonly XmlElement[]> } };
  }; // what the OASIS reader accepts has this shape
  const { Schema: schema } = document.Edmx.DataServices;
  const lists = (parent: Record<string, readonly XmlElement[]>, names: readonly string[]) =>
    names.flatMap((name) => parent[name] ?? []);
  const [container] = schema['EntityContainer'] ?? [];
  const types = lists(schema, ['EntityType', 'ComplexType']);
  return [
    ...repeated([...types, ...lists(schema, ['EnumType', 'Term'])], 'schema'),
    ...repeated(
      lists(container as unknown as Record<string, readonly XmlElement[]>, [
        'EntitySet',
        'ActionImport',
        'FunctionImport',
      ]), // its children are lists, see isArray
      'container',
    ),
    ...types.flatMap((type) =>
      repeated([...(type.Property ?? []), ...(type.NavigationProperty ?? [])], type.Name),
    ),
  ];
}

function repeated(elements: readonly XmlElement[], where: string): string[] {
  const seen = new Set<string>();
  return elements.flatMap(({ Name: name }) => {
    if (seen.has(name)) return [`${where}: ${name}`];
    seen.add(name);
    return [];
  });
}
