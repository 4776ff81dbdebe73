import { InputError } from '../base/errors.ts';
import type { ServedEnvironment, ServedEnvironments } from '../api/index.ts';
import { BackupJobs } from '../jobs/backups.ts';
import type { EnvironmentSummary } from '../jobs/contract.ts';
import { openEnvironment, type OpenPorts, type Storage } from '../jobs/open.ts';
import type { EnvironmentSettings } from '../jobs/settings.ts';
import { listSnapshots } from '../jobs/snapshots.ts';

/** An environment that is open, with its backups as jobs. */
export interface OpenedEnvironment extends ServedEnvironment {
  readonly backups: BackupJobs;
}

/**
 * The configured environments, each opened when it is first asked for: one that is down does not keep the others from
 * being served, and is tried again with the next request.
 */
export class OpenEnvironments implements ServedEnvironments {
  readonly #settings: readonly EnvironmentSettings[];
  readonly #storage: Storage;
  readonly #ports: OpenPorts;
  readonly #stop: AbortSignal;
  readonly #open = new Map<string, Promise<OpenedEnvironment>>();

  constructor(
    settings: readonly EnvironmentSettings[],
    storage: Storage,
    ports: OpenPorts,
    stop: AbortSignal,
  ) {
    this.#stop = stop;
    this.#settings = settings;
    this.#storage = storage;
    this.#ports = ports;
  }

  get names(): readonly string[] {
    return this.#settings.map((one) => one.name);
  }

  list(): Promise<EnvironmentSummary[]> {
    return Promise.all(this.#settings.map(({ name }) => this.#summaryOf(name)));
  }

  open(name: string): Promise<OpenedEnvironment> {
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    const settings = this.#settings.find((one) => one.name === name);
    if (settings === undefined) return Promise.reject(environmentUnknown(name, this.names));
    const opening = openEnvironment(settings, this.#storage, this.#ports).then((environment) => ({
      environment,
      backups: new BackupJobs(environment, this.#stop),
    }));
    this.#open.set(name, opening);
    opening.catch(() => this.#open.delete(name));
    return opening;
  }

  /** Lets running backups end, then closes what is open. */
  async close(): Promise<void> {
    for (const opening of this.#open.values()) {
      const opened = await opening.catch(() => null);
      await opened?.backups.settled();
      await opened?.environment.close();
    }
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
