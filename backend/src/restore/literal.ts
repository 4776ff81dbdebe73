import { assert } from '../base/assert.ts';

/** A guid as it stands in an OData filter: without quotes. */
export function literalId(id: string): string {
  assert(/^[0-9a-f-]{36}$/.test(id), `${id} is no guid`);
  return id;
}
