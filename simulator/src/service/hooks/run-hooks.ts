import type { TableDefinition } from '../../model/definitions.ts';
import type { RequestContext } from '../context.ts';
import { createRow } from '../create-row.ts';
import { badRequest, ServiceError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { updateRow } from '../update-row.ts';
import { bypassOf, isBypassed } from './bypass.ts';
import type { Hook, HookMessage } from './hook.ts';

/** A write as custom logic sees it. */
export interface WriteEvent {
  readonly table: TableDefinition;
  readonly message: HookMessage;
  /** Updates: the columns that the request names. */
  readonly columns?: readonly string[];
}

/** Logic that starts logic: the platform ends it at this depth. */
const MAX_DEPTH = 8;
const PLUGIN_DELAY_MS = 1000;
const FLOW_DELAY_MS = 5000;

/** Runs what comes before the write; returns the values that it puts into the request. */
export function runBefore(context: RequestContext, event: WriteEvent, id: string): JsonObject {
  let values: JsonObject = {};
  for (const hook of hooksFor(context, event)) {
    if (hook.stage !== 'before') continue;
    count(context, hook);
    if (hook.effect.kind === 'set') values = { ...values, ...withId(hook.effect.values, id) };
    else act(context, hook, event, id);
  }
  return values;
}

/** Runs what comes after the write, inside its transaction, and plans what comes later. */
export function runAfter(context: RequestContext, event: WriteEvent, id: string): void {
  for (const hook of hooksFor(context, event)) {
    if (hook.stage === 'after') {
      count(context, hook);
      act(context, hook, event, id);
    }
    if (hook.stage === 'later') {
      const delayMs = hook.kind === 'flow' ? FLOW_DELAY_MS : PLUGIN_DELAY_MS;
      context.environment.schedule(delayMs, () => runLater(context, hook, event, id));
    }
  }
}

/** What a client's request asked to leave out does not hold for what logic does in its turn. */
function hooksFor(context: RequestContext, { table, message, columns }: WriteEvent): readonly Hook[] {
  const bypass = bypassOf(context);
  return context.environment.hooks
    .on(table.logicalName, message)
    .filter((hook) => !isBypassed(hook, bypass) && (columns === undefined || touches(hook, columns)));
}

function touches(hook: Hook, columns: readonly string[]): boolean {
  return hook.columns === undefined || hook.columns.some((column) => columns.includes(column));
}

/** A failure of asynchronous logic is nobody's answer; it shows in the counters. */
function runLater(context: RequestContext, hook: Hook, event: WriteEvent, id: string): void {
  count(context, hook);
  try {
    context.environment.database.transaction(() => act(context, hook, event, id));
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const counts = context.environment.hooks.counts(hook.id);
    if (counts !== undefined) counts.failures += 1;
  }
}

function act(context: RequestContext, hook: Hook, event: WriteEvent, id: string): void {
  const { environment } = context;
  const { effect } = hook;
  switch (effect.kind) {
    case 'count':
      return;
    case 'refuse': {
      if (hook.stage !== 'later') failed(context, hook);
      throw refusal(hook, effect.message);
    }
    case 'set': {
      const row = environment.database.get(event.table.logicalName, id);
      if (row !== undefined) updateRow(deeper(context), event.table, row, withId(effect.values, id));
      return;
    }
    case 'create': {
      const table = environment.schema.table(effect.table);
      if (table === undefined) throw refusal(hook, `The entity ${effect.table} was not found.`);
      createRow(deeper(context), table, withId(effect.values, id));
    }
  }
}

/** The context in which logic writes: as the same user, without the request's headers. */
function deeper(context: RequestContext): RequestContext {
  const depth = (context.depth ?? 0) + 1;
  if (depth > MAX_DEPTH) {
    throw badRequest(
      'This workflow job was canceled because the workflow that started it included an infinite loop. Correct the ' +
        'workflow logic and try again. For information about workflow logic, see Help.',
      '0x80044182',
    );
  }
  return { ...context, headers: new Map(), depth };
}

function count({ environment }: RequestContext, hook: Hook): void {
  const counts = environment.hooks.counts(hook.id);
  if (counts !== undefined) counts.runs += 1;
}

function failed({ environment }: RequestContext, hook: Hook): void {
  const counts = environment.hooks.counts(hook.id);
  if (counts !== undefined) counts.failures += 1;
}

/** The vendor's text, as it is; annotations name the plug-in. */
function refusal(hook: Hook, message: string): ServiceError {
  return new ServiceError(400, '0x80040265', message, {
    annotations: {
      '@Microsoft.PowerApps.CDS.ErrorDetails.Plugin.ExceptionFromPluginExecute': hook.name,
      '@Microsoft.PowerApps.CDS.ErrorDetails.Plugin.ExceptionRetriable': 'False',
    },
  });
}

/** `{id}` in a text stands for the row that the logic runs for. */
function withId(values: JsonObject, id: string): JsonObject {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replaceAll('{id}', id) : value,
    ]),
  );
}
