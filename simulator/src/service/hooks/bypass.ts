import { missingPrivilege, privilegeDepth } from '../../security/rights.ts';
import type { RequestContext } from '../context.ts';
import { invalidArgument } from '../errors.ts';
import { MISCELLANEOUS_PRIVILEGES } from '../roles.ts';
import type { Hook } from './hook.ts';

const LOGIC = 'prvBypassCustomBusinessLogic';
const PLUGINS = 'prvBypassCustomPlugins';
/** Without a setting of the organization. */
const MAX_STEPS = 3;

interface Bypass {
  readonly sync: boolean;
  readonly async: boolean;
  readonly flows: boolean;
  readonly steps: ReadonlySet<string>;
}

const NOTHING: Bypass = { sync: false, async: false, flows: false, steps: new Set() };

/**
 * The custom logic that a request asks to leave out by its headers. Flows need no privilege to be left out, the
 * rest does. @throws ServiceError 403 `0x80040220`
 */
export function bypassOf(context: RequestContext): Bypass {
  const { headers } = context;
  const logic = headers.get('mscrm.bypassbusinesslogicexecution');
  const steps = headers.get('mscrm.bypassbusinesslogicexecutionstepids');
  const plugins = isTrue(headers.get('mscrm.bypasscustompluginexecution'));
  const flows = isTrue(headers.get('mscrm.suppresscallbackregistrationexpanderjob'));
  if (logic === undefined && steps === undefined && !plugins) return { ...NOTHING, flows };
  const wantsLogic = logic !== undefined || steps !== undefined;
  const logicAllowed = wantsLogic && allowed(context, LOGIC);
  const pluginsAllowed = plugins && allowed(context, PLUGINS);
  const parts = logicAllowed ? listOf(logic) : [];
  return {
    sync: pluginsAllowed || parts.includes('customsync'),
    async: parts.includes('customasync'),
    flows,
    steps: new Set(logicAllowed ? stepIds(steps) : []),
  };
}

export function isBypassed(hook: Hook, bypass: Bypass): boolean {
  if (hook.microsoft) return false;
  if (hook.kind === 'flow') return bypass.flows;
  return bypass.steps.has(hook.id) || (hook.stage === 'later' ? bypass.async : bypass.sync);
}

function allowed(context: RequestContext, privilege: string): boolean {
  if (privilegeDepth(context.caller, privilege) !== 0) return true;
  if (context.environment.switches.bypassWithoutRight === 'ignored') return false;
  throw missingPrivilege(context.caller, { name: privilege, id: MISCELLANEOUS_PRIVILEGES[privilege] ?? '' });
}

function stepIds(header: string | undefined): readonly string[] {
  const ids = listOf(header);
  if (ids.length > MAX_STEPS) {
    throw invalidArgument(
      `No more than ${MAX_STEPS} steps can be bypassed in a request; ${ids.length} are named.`,
    );
  }
  return ids;
}

function listOf(header: string | undefined): string[] {
  return (header ?? '')
    .toLowerCase()
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function isTrue(header: string | undefined): boolean {
  return header?.trim().toLowerCase() === 'true';
}
