import { isLosslessNumber, parse, type LosslessNumber } from 'lossless-json';
import { payloadError } from './errors.ts';

export type Json = null | string | boolean | LosslessNumber | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/** Reads a request body; numbers keep their digits. @throws ServiceError 400 `0x80048d19` for malformed text. */
export function parseJson(text: string, entitySet: string): Json {
  try {
    return parse(text) as Json; // lossless-json gives exactly these kinds of values
  } catch (error) {
    if (error instanceof SyntaxError) throw payloadError(entitySet, `Invalid JSON. ${error.message}`);
    throw error;
  }
}

export function parseObject(text: string, entitySet: string): JsonObject {
  const value = parseJson(text, entitySet);
  if (isObject(value)) return value;
  throw payloadError(entitySet, "When trying to read a resource, a 'StartObject' node was expected.");
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The digits of a JSON number as they were written. */
export function numberText(value: Json | undefined): string | undefined {
  return isLosslessNumber(value) ? value.toString() : undefined;
}

export function textMember(object: JsonObject, name: string): string | undefined {
  const value = object[name];
  return typeof value === 'string' ? value : undefined;
}
