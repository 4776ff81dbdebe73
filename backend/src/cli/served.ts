import { InputError } from '../base/errors.ts';
import type { ServedEnvironment, ServedEnvironments } from '../api/index.ts';
import type { EnvironmentSummary } from '../jobs/contract.ts';
import { openEnvironment, type OpenPorts, type Storage } from '../jobs/open.ts';
import { QueuedBackups } from '../jobs/runs/queued-backups.ts';
import type { EnvironmentSettings, Policy } from '../jobs/settings.ts';
import { listSnapshots } from '../jobs/snapshots.ts';
import { withPolicy } from './reload.ts';

/** An environment that is open, with its backups as jobs. */
export interface OpenedEnvironment extends ServedEnvironment {
  readonly backups: QueuedBackups;
}

/**
 * The configured environments, each opened when it is first asked for: one that is down does not keep the others from
 * being served, and is tried again with the next request.
 */
export class OpenEnvironments implements ServedEnvironments {
  #settings: readonly EnvironmentSettings[];
  readonly #storage: Storage;
  readonly #ports: OpenPorts;
  readonly #open = new Map<string, Promise<OpenedEnvironment>>();

  constructor(settings: readonly EnvironmentSettings[], storage: Storage, ports: OpenPorts) {
    this.#settings = settings;
    this.#storage = storage;
    this.#ports = ports;
  }

  get names(): readonly string[] {
    return this.#settings.map((one) => one.name);
  }

  /** As they are now: policies may change while we serve. Throws `environment-unknown`. */
  settingsOf(name: string): EnvironmentSettings {
    const settings = this.#settings.find((one) => one.name === name);
    if (settings === undefined) throw environmentUnknown(name, this.names);
    return settings;
  }

  /** For every run that begins from now on; one under way ends as it was planned. */
  usePolicies(policies: ReadonlyMap<string, Policy>): void {
    this.#settings = this.#settings.map((one) => withPolicy(one, policies.get(one.name)));
    for (const [name, policy] of policies)
      // One that cannot be opened is opened again with the new policy.
      this.#open.get(name)?.then(
        ({ environment }) => environment.usePolicy(policy),
        () => undefined,
      );
  }

  list(): Promise<EnvironmentSummary[]> {
    return Promise.all(this.#settings.map(({ name }) => this.#summaryOf(name)));
  }

  open(name: string): Promise<OpenedEnvironment> {
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    const settings = this.#settings.find((one) => one.name === name);
    if (settings === undefined) return Promise.reject(environmentUnknown(name, this.names));
    const opening = this.#openWith(settings);
    this.#open.set(name, opening);
    opening.catch(() => this.#open.delete(name));
    return opening;
  }

  /** Closes what is open; nobody may work in it any more. */
  async close(): Promise<void> {
    for (const opening of this.#open.values()) {
      const opened = await opening.catch(() => null);
      await opened?.environment.notifier.settled();
      await opened?.environment.close();
    }
  }

  async #openWith(settings: EnvironmentSettings): Promise<OpenedEnvironment> {
    const queue = await this.#storage.queue();
    const environment = await openEnvironment(settings, this.#storage, this.#ports);
    return { environment, backups: new QueuedBackups(environment, queue) };
  }

  async #summaryOf(name: string): Promise<EnvironmentSummary> {
    const { environment } = await this.open(name);
    const [newest] = await listSnapshots(environment.vault, { limit: 1 });
    return {
      name,
      url: environment.url,
      lastSnapshot: newest?.id ?? null,
      lastBackupAt: newest?.endedAt ?? null,
    };
  }
}

function environmentUnknown(name: string, names: readonly string[]): InputError {
  return new InputError('environment-unknown', `There is no environment ${name}.`, {
    hint: `Known are: ${names.join(', ')}.`,
  });
}
