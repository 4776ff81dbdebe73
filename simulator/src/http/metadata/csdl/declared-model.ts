import type { Schema } from '../../../model/schema.ts';
import { COLLECTION_ACTIONS, OPERATIONS, ROW_FUNCTIONS } from '../../operations/index.ts';
import { withLaterMetadata } from './later-metadata.ts';
import { withLaterOperations } from './later-operations.ts';
import {
  ownName,
  recordedModel,
  type EnumFact,
  type OperationFact,
  type ServiceModel,
  type TypeFact,
} from './service-model.ts';

/** Types that every table inherits from; they have no set. */
export const BASE_TYPES: ReadonlySet<string> = new Set(['crmbaseentity', 'principal']);

/** Every operation that this service answers, bound or not. */
export function operationNames(): ReadonlySet<string> {
  return new Set([...OPERATIONS.keys(), ...COLLECTION_ACTIONS.keys(), ...ROW_FUNCTIONS.keys()]);
}

/**
 * The part of the model that this service really has: the operations it answers, and what their parameters and
 * answers are made of. Whatever mentions a table that is not here is left out.
 */
export function declaredModel(schema: Schema): ServiceModel {
  const model = withLaterMetadata(withLaterOperations(recordedModel()));
  const names = operationNames();
  const isTable = (name: string) =>
    BASE_TYPES.has(name) || (schema.table(name)?.entitySetName ?? null) !== null;
  const exists = (type: string) => {
    const name = ownName(type);
    return (
      name === undefined ||
      name in model.enums ||
      name in model.complexTypes ||
      name in model.metadataTypes ||
      isTable(name)
    );
  };
  const isHere = (operation: OperationFact) => names.has(operation.name) && typesOf(operation).every(exists);
  const actions = model.actions.filter(isHere);
  const functions = model.functions.filter(isHere);
  const used = closure(model, [...actions, ...functions].flatMap(typesOf), exists);
  return {
    enums: pick<EnumFact>(model.enums, used),
    complexTypes: pick(mapTypes(model.complexTypes, exists), used),
    metadataTypes: mapTypes(model.metadataTypes, exists),
    actions,
    functions,
  };
}

function typesOf({ parameters = [], returns }: OperationFact): string[] {
  return [...parameters.map(([, type]) => type), ...(returns === undefined ? [] : [returns])];
}

/** Names of all types that the given ones and the metadata classes lead to. */
function closure(
  model: ServiceModel,
  first: readonly string[],
  exists: (type: string) => boolean,
): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...first, ...Object.keys(model.metadataTypes).map((name) => `mscrm.${name}`)];
  for (let type = open.pop(); type !== undefined; type = open.pop()) {
    const name = ownName(type);
    if (name === undefined || found.has(name)) continue;
    found.add(name);
    const fact = model.complexTypes[name] ?? model.metadataTypes[name];
    if (fact === undefined) continue;
    open.push(...membersOf(fact).filter(exists), ...derivedFrom(model, name));
  }
  return found;
}

/** What may stand where the type is declared: complex types derived from it. */
function derivedFrom(model: ServiceModel, name: string): string[] {
  return Object.entries(model.complexTypes).flatMap(([derived, { base }]) =>
    base === `mscrm.${name}` ? [`mscrm.${derived}`] : [],
  );
}

function membersOf({ base, properties, navigations = [] }: TypeFact): string[] {
  return [
    ...(base === undefined ? [] : [base]),
    ...properties.map(([, type]) => type),
    ...navigations.map(([, type]) => type),
  ];
}

/** Without the navigation properties that lead to tables that are not here. */
function mapTypes(
  types: Readonly<Record<string, TypeFact>>,
  exists: (type: string) => boolean,
): Record<string, TypeFact> {
  return Object.fromEntries(
    Object.entries(types).map(([name, { navigations, ...fact }]) => {
      const kept = navigations?.filter(([, type]) => exists(type)) ?? [];
      return [name, kept.length === 0 ? fact : { ...fact, navigations: kept }];
    }),
  );
}

function pick<Fact>(facts: Readonly<Record<string, Fact>>, names: ReadonlySet<string>): Record<string, Fact> {
  return Object.fromEntries(Object.entries(facts).filter(([name]) => names.has(name)));
}
