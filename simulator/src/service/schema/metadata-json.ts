import { isList, isObject, numberText, textMember, type Json, type JsonObject } from '../json.ts';

/** Readers for the members of metadata objects as clients send them; what is absent or has another form is undefined. */

/** Class without namespace: `Microsoft.Dynamics.CRM.ComplexStringAttributeMetadata` is `StringAttributeMetadata`. */
export function classOf(json: JsonObject): string | undefined {
  return textMember(json, '@odata.type')?.replace(/^#?Microsoft\.Dynamics\.CRM\.(Complex)?/, '');
}

/** The text of a label: the user's own, else the first of the translations. */
export function labelMember(json: JsonObject, name: string): string | undefined {
  const label = json[name];
  if (!isObject(label)) return undefined;
  const own = label['UserLocalizedLabel'];
  const all = label['LocalizedLabels'];
  const first = isObject(own) ? own : isList(all) ? all.find(isObject) : undefined;
  return first === undefined ? undefined : textMember(first, 'Label');
}

/** `{"Value": …}`, the form of managed properties and typed names; plain values are taken too. */
export function valueMember(json: JsonObject, name: string): Json | undefined {
  const member = json[name];
  return isObject(member) ? member['Value'] : member;
}

export function textValue(json: JsonObject, name: string): string | undefined {
  const value = valueMember(json, name);
  return typeof value === 'string' ? value : undefined;
}

export function booleanValue(json: JsonObject, name: string): boolean | undefined {
  const value = valueMember(json, name);
  return typeof value === 'boolean' ? value : undefined;
}

export function integerMember(json: JsonObject, name: string): number | undefined {
  const digits = numberText(json[name]);
  return digits === undefined ? undefined : Number(digits);
}

export function objectMember(json: JsonObject, name: string): JsonObject | undefined {
  const member = json[name];
  return isObject(member) ? member : undefined;
}

export function objectsMember(json: JsonObject, name: string): readonly JsonObject[] {
  const member = json[name];
  return isList(member) ? member.filter(isObject) : [];
}

/** Members that are undefined left out, so that a spread does not overwrite what is there. */
export function defined<T extends object>(members: {
  readonly [Name in keyof T]?: T[Name] | undefined;
}): Partial<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>; // same members, fewer
}
