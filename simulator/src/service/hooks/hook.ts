import type { JsonObject } from '../json.ts';

export const HOOK_MESSAGES = ['Create', 'Update', 'Delete', 'Associate', 'Disassociate'] as const;
export type HookMessage = (typeof HOOK_MESSAGES)[number];

/** What a piece of custom logic does, beside being counted. Texts `{id}` in values stand for the row's id. */
export type HookEffect =
  | { readonly kind: 'count' }
  /** The write is refused with the vendor's text. Only synchronous plug-ins can. */
  | { readonly kind: 'refuse'; readonly message: string }
  /** Before the write: put into the request. Afterwards: an update of the row. */
  | { readonly kind: 'set'; readonly values: JsonObject }
  /** Another row is made. */
  | { readonly kind: 'create'; readonly table: string; readonly values: JsonObject };

/** A plug-in step or a flow of the organization. */
export interface Hook {
  /** Of a plug-in: the step id that `MSCRM.BypassBusinessLogicExecutionStepIds` names. */
  readonly id: string;
  readonly name: string;
  /** Logical name; of a many-to-many link either end. */
  readonly table: string;
  readonly message: HookMessage;
  readonly kind: 'plugin' | 'flow';
  /** Synchronous before or after the write within its transaction, or later. A flow always runs later. */
  readonly stage: 'before' | 'after' | 'later';
  /** An update counts only where it names one of these columns. Undefined: any update. */
  readonly columns: readonly string[] | undefined;
  /** It belongs to one of Microsoft's own solutions: no caller can bypass it. */
  readonly microsoft: boolean;
  readonly effect: HookEffect;
}

export interface HookCounts {
  /** Times it ran, also where the write was undone afterwards. */
  runs: number;
  /** Times it could not do what it is there for, or refused. */
  failures: number;
}

/** All custom logic of an environment with its counters. */
export class Hooks {
  readonly #hooks = new Map<string, { hook: Hook; counts: HookCounts }>();

  add(hook: Hook): void {
    this.#hooks.set(hook.id, { hook, counts: { runs: 0, failures: 0 } });
  }

  /** False: there is none with that id. */
  remove(id: string): boolean {
    return this.#hooks.delete(id);
  }

  list(): readonly { readonly hook: Hook; readonly counts: HookCounts }[] {
    return [...this.#hooks.values()];
  }

  /** Those of a moment before; what is there now and was then goes on counting. */
  reset(hooks: readonly Hook[]): void {
    const kept = new Map(this.#hooks);
    this.#hooks.clear();
    for (const hook of hooks)
      this.#hooks.set(hook.id, { hook, counts: kept.get(hook.id)?.counts ?? { runs: 0, failures: 0 } });
  }

  counts(id: string): HookCounts | undefined {
    return this.#hooks.get(id)?.counts;
  }

  on(table: string, message: HookMessage): readonly Hook[] {
    if (this.#hooks.size === 0) return [];
    const all = [...this.#hooks.values()].map(({ hook }) => hook);
    return all.filter((hook) => hook.table === table && hook.message === message);
  }
}
