import { readFile } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import { InputError } from '../base/errors.ts';
import type { EnvironmentSettings, Policy, Settings } from '../jobs/settings.ts';

/** What a changed configuration means for a service that runs. */
export interface Reload {
  /** Policies that differ, by environment, as they can be used from now on. */
  readonly policies: ReadonlyMap<string, Policy>;
  /** Places of the file whose change takes a restart, as they stand in it. */
  readonly restart: readonly string[];
}

export type ReloadLog = (line: {
  readonly event: 'configuration-loaded' | 'configuration-refused';
  readonly code: string | null;
  readonly message: string;
}) => void;

export interface ReloadPorts {
  readonly path: string;
  /** Reads and checks the whole of it. Throws `configuration-invalid` or `configuration-missing`. */
  readonly load: () => Settings;
  readonly use: (policies: Reload['policies']) => void;
  readonly clock: Clock;
  readonly log: ReloadLog;
}

const lookEveryMs = 5000;

/**
 * Looks at the file every five seconds (a watch misses files that are put in another's place, as orchestrators do). A new
 * one that is whole is used from the next run on; of a bad one nothing is.
 */
export async function keepReloading(
  settings: Settings,
  ports: ReloadPorts,
  signal: AbortSignal,
): Promise<void> {
  let current = settings;
  // The first look reads it whatever it holds: it may have changed since `settings` came from it.
  let seen: string | null | undefined;
  while (!signal.aborted) {
    await ports.clock.sleep(lookEveryMs, signal).catch(() => undefined);
    const text = await textOf(ports.path);
    if (signal.aborted || text === seen) continue;
    seen = text;
    current = reload(current, ports);
  }
}

/** Null: it cannot be read, which `load` says with the reason. */
function textOf(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}

function reload(current: Settings, { load, use, log }: ReloadPorts): Settings {
  let next: Settings;
  try {
    next = load();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const message = `${error.message}\nThe configuration of before stays in use.`;
    log({ event: 'configuration-refused', code: error.code, message });
    return current;
  }
  const { policies, restart } = whatChanged(current, next);
  if (policies.size === 0 && restart.length === 0) return current;
  use(policies);
  log({ event: 'configuration-loaded', code: null, message: sentence(policies, restart) });
  const environments = current.environments.map((one) => withPolicy(one, policies.get(one.name)));
  return { ...current, environments };
}

function sentence(policies: Reload['policies'], restart: readonly string[]): string {
  const used =
    policies.size === 0
      ? 'No policy changed.'
      : `The policy of ${[...policies.keys()].join(', ')} changed and is used from the next backup on.`;
  return restart.length === 0 ? used : `${used} A restart is needed for ${restart.join(', ')}.`;
}

export function withPolicy(settings: EnvironmentSettings, policy: Policy | undefined): EnvironmentSettings {
  return policy === undefined ? settings : { ...settings, policy };
}

/** How we reach storage, sign in, pace ourselves and sign messages is fixed when a service starts; the rest is not. */
export function whatChanged(before: Settings, after: Settings): Reload {
  const restart: string[] = (['storage', 'container', 'scratch', 'api'] as const).filter((key) =>
    differ(before[key], after[key]),
  );
  const names = (settings: Settings) => settings.environments.map(({ name }) => name).sort();
  if (differ(names(before), names(after))) restart.push('environments');
  const policies = new Map<string, Policy>();
  for (const old of before.environments) {
    const now = after.environments.find(({ name }) => name === old.name);
    if (now === undefined) continue;
    restart.push(...fixedOf(old, now).map((place) => `environments.${old.name}${place}`));
    const { share } = old.policy;
    const alerts = { ...now.policy.alerts, webhooks: old.policy.alerts.webhooks };
    const policy = { ...now.policy, share, alerts };
    if (differ(policy, old.policy)) policies.set(old.name, policy);
  }
  return { policies, restart };
}

function fixedOf(old: EnvironmentSettings, now: EnvironmentSettings): string[] {
  const places: [string, unknown, unknown][] = [
    ['', { ...old, policy: null }, { ...now, policy: null }],
    ['.policy.share', old.policy.share, now.policy.share],
    ['.policy.alerts.webhooks', old.policy.alerts.webhooks, now.policy.alerts.webhooks],
  ];
  return places.filter(([, one, other]) => differ(one, other)).map(([place]) => place);
}

/** Both come from the same code, so equal settings have their members in the same order. */
function differ(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) !== JSON.stringify(other);
}
