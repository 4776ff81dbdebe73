import { InputError } from '../base/errors.ts';
import { planRestoreBody } from '../jobs/contract.ts';

/** A table and a row as typed. Throws `input-invalid`, in the words of the contract. */
export function rowOf(table: string, id: string): { readonly table: string; readonly id: string } {
  const parsed = planRestoreBody.pick({ table: true, id: true }).safeParse({ table, id });
  if (parsed.success) return parsed.data;
  throw inputInvalid(parsed.error.issues);
}

export function inputInvalid(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): InputError {
  const text = issues.map((issue) => `${issue.path.map(String).join('.')}: ${issue.message}`).join('; ');
  return new InputError('input-invalid', `This cannot be used: ${text}.`, {
    hint: '`rowback <command> --help` shows what the command takes.',
  });
}

/** A date or an instant as typed, as UTC. Throws `input-invalid`. */
export function instantFrom(text: string): string {
  const isIso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.test(text);
  const zoned = /^\d{4}-\d\d-\d\d$|(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`;
  const ms = isIso ? Date.parse(zoned) : NaN;
  if (!Number.isNaN(ms)) return new Date(ms).toISOString();
  throw inputInvalid([
    { path: [text], message: 'is no date (2026-11-23) and no instant (2026-11-23T14:00:00Z)' },
  ]);
}
