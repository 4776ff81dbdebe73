import { z } from 'zod';
import { comparison, recordHistory } from './contract-record.ts';
import { restore, restorePlan } from './contract-restore.ts';
import { columnName } from './contract-terms.ts';

/**
 * What the form's request row carries in its input column, by the row's kind. The row's `rowback_targettable` and
 * `rowback_targetid` name the record; they are columns so that people can read a request.
 */
export const requestInput = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('history') }),
  z.strictObject({ kind: z.literal('compare'), from: z.string(), to: z.string().default('live') }),
  z.strictObject({
    kind: z.literal('plan'),
    version: z.string().regex(/^\d+$/),
    columns: z.array(columnName).min(1).max(1000).optional(),
    overwrite: z.boolean().default(false),
  }),
  z.strictObject({ kind: z.literal('restore'), restoreId: z.string() }),
  z.strictObject({ kind: z.literal('undo'), restoreId: z.string() }),
]);

/** What the result column of a request row holds. `undo` answers with the undo's own restore, planned and run. */
export const requestResult = z.discriminatedUnion('ok', [
  z.discriminatedUnion('kind', [
    z.object({ ok: z.literal(true), kind: z.literal('history'), data: recordHistory }),
    z.object({ ok: z.literal(true), kind: z.literal('compare'), data: comparison }),
    z.object({ ok: z.literal(true), kind: z.literal('plan'), data: restorePlan }),
    z.object({ ok: z.literal(true), kind: z.literal('restore'), data: restore }),
    z.object({ ok: z.literal(true), kind: z.literal('undo'), data: restore }),
  ]),
  z.object({
    ok: z.literal(false),
    error: z.object({ code: z.string(), message: z.string(), hint: z.string() }),
  }),
]);

export type RequestInput = z.infer<typeof requestInput>;
export type RequestResult = z.infer<typeof requestResult>;
