import { isList, isObject, textMember, type Json, type JsonObject } from '../json.ts';
import { HOOK_MESSAGES, type Hook, type HookEffect } from './hook.ts';

/**
 * Reads `{"table","message","kind"?,"stage"?,"columns"?,"microsoft"?,"name"?,"id"?,"refuse"?,"set"?,"create"?}`.
 * Returns a sentence where it is no hook.
 */
export function readHook(value: Json, newId: () => string): Hook | string {
  if (!isObject(value)) return 'A hook is a JSON object.';
  const table = textMember(value, 'table');
  const message = HOOK_MESSAGES.find((one) => one === value['message']);
  const kind = (['plugin', 'flow'] as const).find((one) => one === (value['kind'] ?? 'plugin'));
  if (table === undefined) return "'table' is missing: the logical name of a table.";
  if (message === undefined) return `'message' is one of ${HOOK_MESSAGES.join(', ')}.`;
  if (kind === undefined) return "'kind' is plugin or flow.";
  const usual = kind === 'flow' ? 'later' : 'after';
  const stage = (['before', 'after', 'later'] as const).find((one) => one === (value['stage'] ?? usual));
  if (stage === undefined) return "'stage' is before, after or later.";
  if (kind === 'flow' && stage !== 'later') return 'A flow runs later.';
  const effect = readEffect(value);
  if (typeof effect === 'string') return effect;
  const columns = value['columns'];
  return {
    id: (textMember(value, 'id') ?? newId()).toLowerCase(),
    name: textMember(value, 'name') ?? `${message} of ${table}`,
    table,
    message,
    kind,
    stage,
    columns: isList(columns) ? columns.filter((one) => typeof one === 'string') : undefined,
    microsoft: value['microsoft'] === true,
    effect,
  };
}

function readEffect(value: JsonObject): HookEffect | string {
  const { refuse, set, create } = value;
  if ([refuse, set, create].filter((one) => one !== undefined).length > 1)
    return "Only one of 'refuse', 'set' and 'create' can be given.";
  if (typeof refuse === 'string') return { kind: 'refuse', message: refuse };
  if (isObject(set)) return { kind: 'set', values: set };
  if (isObject(create)) {
    const table = textMember(create, 'table');
    const values = create['values'];
    if (table === undefined || !isObject(values)) return "'create' holds 'table' and 'values'.";
    return { kind: 'create', table, values };
  }
  if (refuse !== undefined || set !== undefined || create !== undefined)
    return "'refuse' is a text, 'set' and 'create' are objects.";
  return { kind: 'count' };
}
