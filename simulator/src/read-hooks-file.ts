import { readFileSync } from 'node:fs';
import { parse } from 'lossless-json';
import type { Hook } from './service/hooks/hook.ts';
import { readHook } from './service/hooks/read-hook.ts';
import { isList, type Json } from './service/json.ts';

/** A file of custom logic that cannot be used; the message is for whoever wrote it. */
export class HooksFileError extends Error {}

/** Reads a JSON list of hooks, each as `POST /_simulator/hooks` takes it. @throws HooksFileError */
export function readHooksFile(path: string, newId: () => string): readonly Hook[] {
  const value = contents(path);
  if (!isList(value)) throw new HooksFileError(`${path} is no JSON list of hooks.`);
  return value.map((one, index) => {
    const hook = readHook(one, newId);
    if (typeof hook === 'string') throw new HooksFileError(`${path}, hook ${index + 1}: ${hook}`);
    return hook;
  });
}

function contents(path: string): Json {
  try {
    return parse(readFileSync(path, 'utf8')) as Json; // lossless-json gives exactly these kinds of values
  } catch (error) {
    throw new HooksFileError(`${path} cannot be read: ${String(error)}`);
  }
}
