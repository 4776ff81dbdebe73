import { isObject, numberText } from '../json/lossless.ts';
import type { Json } from '../web-api.ts';

/** Reading of metadata answers: a missing or null member gives the stated fallback, never an error. */
export function text(json: Json, name: string): string | null {
  const value = json[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

export function flag(json: Json, name: string): boolean {
  const value = json[name];
  return value === true || (isObject(value) && value['Value'] === true);
}

export function number(json: Json, name: string): number | undefined {
  const digits = numberText(json[name]);
  return digits === undefined ? undefined : Number(digits);
}

export function child(json: Json, name: string): Json {
  const value = json[name];
  return isObject(value) ? value : {};
}

export function list(json: Json, name: string): Json[] {
  const value = json[name];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function texts(json: Json, name: string): string[] {
  const value = json[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** A label in the caller's language, or in any. */
export function label(json: Json, name: string): string | null {
  const labels = child(json, name);
  const inUse = text(child(labels, 'UserLocalizedLabel'), 'Label');
  return inUse ?? list(labels, 'LocalizedLabels').map((one) => text(one, 'Label'))[0] ?? null;
}
