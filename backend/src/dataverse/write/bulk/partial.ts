import { isObject } from '../../json/lossless.ts';

const details = /(^|\.)Plugin\.BulkApiErrorDetails$/;

/**
 * Elastic tables write each row for itself, and say in an annotation of the error what became of each: JSON in a text,
 * `[{"RequestIndex":0,"Id":"…","StatusCode":201}]`. Gives the places of those that failed; rows that it does not name
 * count as failed. Null: it says nothing.
 */
export function failuresOf(body: string, rows: number): readonly number[] | null {
  const error = member(parse(body), 'error');
  if (!isObject(error)) return null;
  const named = Object.entries(error).find(([name]) => details.test(name));
  const list = typeof named?.[1] === 'string' ? parse(named[1]) : named?.[1];
  if (!Array.isArray(list)) return null;
  const written = new Set(
    list.filter(isObject).flatMap((one) => {
      const status = Number(one['StatusCode']);
      return status >= 200 && status < 300 ? [Number(one['RequestIndex'])] : [];
    }),
  );
  return Array.from({ length: rows }, (_, index) => index).filter((index) => !written.has(index));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON: nothing is said about single rows, and the whole is treated as refused.
    return undefined;
  }
}

function member(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}
