import type { RestoreDocuments, Vault } from '../vault/index.ts';
import type { Value, Values } from '../base/value.ts';
import { restoreMissing } from './errors.ts';
import type { PlannedContent, RestorePlan } from './plan.ts';
import type { Outcome, RestoreResult } from './result.ts';

/**
 * `restores/<id>/`: `selection.json`, `plan.json`, `journal/000001.json` and on, `before/000001.json` (what step 1
 * replaces), `result.json`. Every document is put-if-absent, so each can be trusted to be what its writer meant.
 */

/** What a step is about to replace; written before it. */
export interface PreImage {
  readonly row: number;
  readonly table: string;
  readonly id: string;
  readonly etag: string | null;
  /** Null: the row, or the link, was not there. Contents as their sha256, kept in the vault. */
  readonly values: Values | null;
  readonly contents: readonly PlannedContent[];
}

export type JournalEntry =
  | { readonly kind: 'started'; readonly at: string; readonly by: string }
  /** The write may have been sent from here on. */
  | { readonly kind: 'writing'; readonly at: string; readonly step: number }
  | {
      readonly kind: 'ended';
      readonly at: string;
      readonly step: number;
      readonly outcome: Outcome;
      /** What the row held right after our write: the guard of this row's later steps, and of an undo. */
      readonly left: {
        readonly etag: string | null;
        readonly values: Readonly<Record<string, Value>>;
      } | null;
    };

const padded = (number: number): string => String(number).padStart(6, '0');

export async function storePlan(vault: Vault, plan: RestorePlan): Promise<void> {
  const documents = vault.restore(plan.id);
  await documents.write('selection.json', plan.selection);
  await documents.write('plan.json', plan);
}

/** Throws `restore-missing`. */
export async function readPlan(vault: Vault, id: string): Promise<RestorePlan> {
  const document = /^[0-9A-Za-z-]{1,64}$/.test(id) ? await vault.restore(id).read('plan.json') : null;
  if (document === null) throw restoreMissing(id);
  // Written by storePlan alone, put-if-absent.
  return document as RestorePlan;
}

/** Null: it has not come to an end. */
export async function readResult(vault: Vault, id: string): Promise<RestoreResult | null> {
  // Written by a run alone, put-if-absent.
  return (await vault.restore(id).read('result.json')) as RestoreResult | null;
}

export async function readJournal(documents: RestoreDocuments): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for await (const name of documents.list('journal/')) {
    // Written by Journal alone, put-if-absent.
    entries.push((await documents.read(name)) as JournalEntry);
  }
  return entries;
}

export const journalName = (number: number): string => `journal/${padded(number)}.json`;

/** Null: this step never came near a write. */
export async function readPreImage(documents: RestoreDocuments, step: number): Promise<PreImage | null> {
  // Written by a run alone, put-if-absent.
  return (await documents.read(`before/${padded(step)}.json`)) as PreImage | null;
}

export async function storePreImage(
  documents: RestoreDocuments,
  step: number,
  image: PreImage,
): Promise<void> {
  await documents.write(`before/${padded(step)}.json`, image);
}
