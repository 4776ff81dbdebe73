import { badRequest } from '../../service/errors.ts';
import { isList, isObject, numberText, textMember, type Json, type JsonObject } from '../../service/json.ts';
import { booleanValue, objectMember, objectsMember } from '../../service/schema/metadata-json.ts';
import type { Shape } from './table-shape.ts';

/** The parts of an `EntityQueryExpression` that choose and cut metadata objects. */
export interface MetadataQuery {
  /** Undefined: all properties. */
  readonly properties: ReadonlySet<string> | undefined;
  readonly passes: (shape: Shape) => boolean;
}

/** Always shown, whatever the query names. */
const ALWAYS = ['MetadataId', 'HasChanged'];

export function readMetadataQuery(json: JsonObject | undefined): MetadataQuery {
  const properties = objectMember(json ?? {}, 'Properties');
  const names = properties?.['PropertyNames'];
  const all = properties === undefined ? true : booleanValue(properties, 'AllProperties') === true;
  const listed = isList(names) ? names.filter((name) => typeof name === 'string') : [];
  return {
    properties: all ? undefined : new Set([...ALWAYS, ...listed]),
    passes: readCriteria(objectMember(json ?? {}, 'Criteria')),
  };
}

export function cutShape(shape: Shape, query: MetadataQuery): Shape {
  const { properties } = query;
  if (properties === undefined) return shape;
  return Object.fromEntries(
    Object.entries(shape).filter(([name]) => name === '@odata.type' || properties.has(name)),
  );
}

function readCriteria(json: JsonObject | undefined): (shape: Shape) => boolean {
  if (json === undefined) return () => true;
  const tests = [
    ...objectsMember(json, 'Conditions').map(readCondition),
    ...objectsMember(json, 'Filters').map(readCriteria),
  ];
  const any = textMember(json, 'FilterOperator') === 'Or';
  return (shape) =>
    any && tests.length > 0 ? tests.some((test) => test(shape)) : tests.every((test) => test(shape));
}

function readCondition(json: JsonObject): (shape: Shape) => boolean {
  const name = textMember(json, 'PropertyName') ?? '';
  const wanted = valuesOf(json['Value']);
  const operator = textMember(json, 'ConditionOperator') ?? 'Equals';
  const text = (shape: Shape) => textOf(shape[name]);
  switch (operator) {
    case 'Equals':
    case 'In':
      return (shape) => wanted.includes(text(shape));
    case 'NotEquals':
    case 'NotIn':
      return (shape) => !wanted.includes(text(shape));
    case 'GreaterThan':
      return (shape) => Number(text(shape)) > Number(wanted[0]);
    case 'LessThan':
      return (shape) => Number(text(shape)) < Number(wanted[0]);
    default:
      throw badRequest(`'${operator}' is not a valid metadata condition operator.`, '0x80040203');
  }
}

/** `{"Type":"System.String","Value":"account"}`; a list comes as a value that is a list, or as its JSON text. */
function valuesOf(json: Json | undefined): readonly string[] {
  const value = isObject(json) ? json['Value'] : json;
  const list = isList(value) ? value : [value ?? null];
  return list.flatMap((one) => {
    if (typeof one === 'string')
      return one.startsWith('[')
        ? [...one.matchAll(/"([^"]*)"/g)].map((m) => m[1] ?? '')
        : [one.toLowerCase()];
    return [numberText(one) ?? JSON.stringify(one)];
  });
}

/** Managed properties and typed names compare by their value, enumerations by name. */
function textOf(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'Value' in value) return textOf(value.Value);
  return String(value).toLowerCase();
}
