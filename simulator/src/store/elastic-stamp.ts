import type { RowValues } from './table-store.ts';

/** Above 2^53, as the ticks are that the real store gives out. */
const FIRST_TICKS = 638_700_000_000_000_000n;
const TICKS_A_WRITE = 10_007n;

/** The `versionnumber` of an elastic row: a time-like number that a double cannot hold. */
export function elasticVersion(version: number): string {
  return String(FIRST_TICKS + BigInt(version) * TICKS_A_WRITE);
}

/** The storage etag of an elastic row, which has nothing to do with its `versionnumber`. */
export function elasticEtag(version: number): string {
  const mixed = Math.imul(version, 0x9e3779b1) >>> 0;
  const hex = (value: number) => value.toString(16).padStart(8, '0');
  return `W/"${hex(mixed)}-0000-0200-0000-${hex(version)}0000"`;
}

export function withElasticVersion(values: RowValues, version: number): RowValues {
  return { ...values, versionnumber: elasticVersion(version) };
}
