import type { Metadata } from '../backup/index.ts';

/** One thing that differs between two snapshots' metadata, in the platform's terms. */
export interface SchemaChange {
  readonly kind: 'table' | 'column' | 'relationship' | 'key' | 'choice' | 'role' | 'profile';
  /** `recreated`: the same name, and another thing (its MetadataId). */
  readonly change: 'added' | 'removed' | 'changed' | 'recreated';
  /** `account`, `account.name`, the name of a global choice, … */
  readonly name: string;
  /** What changed, where the change is `changed`. */
  readonly facts: readonly { readonly fact: string; readonly before: string; readonly after: string }[];
}

type Facts = Readonly<Record<string, unknown>>;

interface Thing {
  readonly kind: SchemaChange['kind'];
  readonly name: string;
  /** MetadataId; null: the service gives none. */
  readonly id: string | null;
  readonly facts: Facts;
}

/** Sorted by kind and name. Facts that only one of the two captured (a table not backed up then) are not compared. */
export function schemaDifference(before: Metadata, after: Metadata): SchemaChange[] {
  const withSecurity = before.security !== null && after.security !== null;
  const comparable = (one: Metadata) => thingsOf(withSecurity ? one : { ...one, security: null });
  const [then, now] = [comparable(before), comparable(after)];
  const ids = [...new Set([...then.keys(), ...now.keys()])].sort();
  return ids.flatMap((id) => changeOf(then.get(id), now.get(id)));
}

function changeOf(then: Thing | undefined, now: Thing | undefined): SchemaChange[] {
  const thing = now ?? then;
  if (thing === undefined) return [];
  const change = (what: SchemaChange['change'], facts: SchemaChange['facts'] = []): SchemaChange[] => [
    { kind: thing.kind, change: what, name: thing.name, facts },
  ];
  if (then === undefined) return change('added');
  if (now === undefined) return change('removed');
  if (then.id !== null && now.id !== null && then.id !== now.id) return change('recreated');
  const facts = changedFacts(then.facts, now.facts);
  return facts.length === 0 ? [] : change('changed', facts);
}

function changedFacts(then: Facts, now: Facts): SchemaChange['facts'] {
  return Object.keys(now)
    .sort()
    .filter((fact) => then[fact] !== undefined && now[fact] !== undefined)
    .map((fact) => ({ fact, before: shown(then[fact]), after: shown(now[fact]) }))
    .filter(({ before, after }) => before !== after);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function thingsOf(metadata: Metadata): ReadonlyMap<string, Thing> {
  const things = [...tablesOf(metadata), ...choicesOf(metadata), ...securityOf(metadata)];
  return new Map(things.map((thing) => [`${thing.kind} ${thing.name}`, thing]));
}

function tablesOf(metadata: Metadata): Thing[] {
  const all = [...metadata.tables.values(), ...metadata.others.values()];
  return all.flatMap(({ privileges: _, columns, id, name, ...facts }) => {
    const {
      manyToOne = [],
      manyToMany = [],
      keys = [],
      oneToMany: _links,
      ...own
    } = facts as typeof facts & Partial<NonNullable<ReturnType<Metadata['tables']['get']>>>;
    const links: Thing[] = [...manyToOne, ...manyToMany].map((link) => ({
      kind: 'relationship',
      name: link.schemaName,
      id: null,
      facts: { ...link },
    }));
    return [
      { kind: 'table', name, id, facts: own },
      ...columns.map(({ options, id: columnId, name: column, ...rest }): Thing => ({
        kind: 'column',
        name: `${name}.${column}`,
        id: columnId,
        facts: { ...rest, ...(options === undefined ? {} : { choices: labels(options) }) },
      })),
      ...links,
      ...keys.map((key): Thing => ({
        kind: 'key',
        name: `${name}.${key.name}`,
        id: null,
        facts: { ...key },
      })),
    ];
  });
}

function choicesOf({ choices }: Metadata): Thing[] {
  return choices.map(({ name, id, label, options }) => ({
    kind: 'choice',
    name,
    id,
    facts: { label, choices: labels(options) },
  }));
}

/** By id: people rename roles, and two business units may have roles of the same name. */
function securityOf({ security }: Metadata): Thing[] {
  if (security === null) return [];
  return [
    ...security.roles.map(({ id, name }): Thing => ({ kind: 'role', name: id, id, facts: { name } })),
    ...security.profiles.map(({ id, name, permissions }): Thing => ({
      kind: 'profile',
      name: id,
      id,
      facts: { name, permissions },
    })),
  ];
}

function labels(options: readonly { readonly value: number; readonly label: string }[]): string {
  return options.map(({ value, label }) => `${value} ${label}`).join(', ');
}
