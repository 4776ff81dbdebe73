import { existsSync, readFileSync } from 'node:fs';

/** `mscrm.x`, `Edm.x` or a `Collection(…)` of one. */
export type TypeName = string;

export interface EnumFact {
  readonly flags?: true;
  readonly members: Readonly<Record<string, number>>;
}

/** A complex type, or a class of the metadata. */
export interface TypeFact {
  readonly base?: TypeName;
  readonly abstract?: true;
  readonly key?: string;
  readonly properties: readonly (readonly [name: string, type: TypeName])[];
  readonly navigations?: readonly (readonly [name: string, type: TypeName, contained?: boolean])[];
}

export interface OperationFact {
  readonly name: string;
  /** The first parameter is what it is bound to. */
  readonly bound?: true;
  readonly composable?: true;
  readonly parameters?: readonly (readonly [name: string, type: TypeName, kind?: 'nullable' | 'optional'])[];
  /** Absent: nothing comes back. */
  readonly returns?: TypeName;
}

/** Everything that `$metadata` describes beside tables, as `metadata/service-model.json` holds it. */
export interface ServiceModel {
  readonly enums: Readonly<Record<string, EnumFact>>;
  readonly complexTypes: Readonly<Record<string, TypeFact>>;
  readonly metadataTypes: Readonly<Record<string, TypeFact>>;
  readonly actions: readonly OperationFact[];
  readonly functions: readonly OperationFact[];
}

let known: ServiceModel | undefined;

/** The recorded model. Read once: it never changes. */
export function recordedModel(): ServiceModel {
  known ??= JSON.parse(readFileSync(modelFile(), 'utf8')) as ServiceModel; // part of this package; see csdl.test.ts
  return known;
}

/** `metadata/` lies beside `src/`; compiled code runs one folder deeper. */
function modelFile(): URL {
  const places = ['../../../../', '../../../../../'].map(
    (path) => new URL(`${path}metadata/service-model.json`, import.meta.url),
  );
  const found = places.find((place) => existsSync(place));
  if (found === undefined)
    throw new Error(`service-model.json is missing: ${places.map(String).join(' or ')}`);
  return found;
}

/** `account` of `Collection(mscrm.account)`; undefined for primitive types. */
export function ownName(type: TypeName): string | undefined {
  return /^(?:Collection\()?mscrm\.(\w+)\)?$/.exec(type)?.[1];
}
