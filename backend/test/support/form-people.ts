import { ApiClient } from '../../demo/api-client.ts';
import { Outsider, type RawRow } from '../../demo/outsider.ts';
import { audience, environmentName, type DemoUser, type Services } from '../../demo/services.ts';
import type { BackupJob } from '../../src/jobs/contract.ts';

/** People of the pretend environment, each with the Web API under their own token. */
export class People {
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  named(name: string): DemoUser {
    const found = this.#services.simulator.users.find(({ fullname }) => fullname === name);
    if (!found) throw new Error(`the environment has no ${name}`);
    return found;
  }

  async as(user: DemoUser): Promise<Outsider> {
    return new Outsider(this.#services.simulator.url, await this.#services.token(user));
  }

  /** As an administrator does it: the role that lets a person ask, and the profile that lets them read the answers. */
  async letUseForms(user: DemoUser): Promise<void> {
    const administrator = await this.as(this.#services.people.administrator);
    const role = await onlyRow(administrator, "roles?$filter=name eq 'Rowback User'&$select=roleid");
    const profile = await onlyRow(
      administrator,
      "fieldsecurityprofiles?$filter=name eq 'Rowback request readers'&$select=fieldsecurityprofileid",
    );
    const api = `${this.#services.simulator.url}/api/data/v9.2`;
    const person = `systemusers(${user.systemuserid})`;
    await administrator.send('POST', `${person}/systemuserroles_association/$ref`, {
      '@odata.id': `${api}/roles(${String(role['roleid'])})`,
    });
    await administrator.send('POST', `${person}/systemuserprofiles_association/$ref`, {
      '@odata.id': `${api}/fieldsecurityprofiles(${String(profile['fieldsecurityprofileid'])})`,
    });
  }
}

export async function onlyRow(as: Outsider, path: string): Promise<RawRow> {
  // A collection's answer holds its rows in `value`.
  const [row] = (await as.get(path))['value'] as RawRow[];
  if (row === undefined) throw new Error(`nothing at ${path}`);
  return row;
}

/** The id of a row that was just made. */
export function idOf(created: Response): string {
  const id = /\(([0-9a-f-]{36})\)$/.exec(created.headers.get('odata-entityid') ?? '')?.[1];
  if (id === undefined) throw new Error('the service did not say what it created');
  return id;
}

/** Makes a backup by the REST API, as an operator's program does, and waits for its end. */
export async function backUp(services: Services): Promise<void> {
  const api = new ApiClient(services.api, environmentName, () =>
    services.token(services.people.administrator, { audience, roles: ['Rowback.Operator'] }),
  );
  let job = await api.call<BackupJob>('POST', 'backups', {});
  while (job.status === 'running') {
    await new Promise((resolve) => setTimeout(resolve, 100));
    job = await api.call<BackupJob>('GET', `backups/${job.id}`);
  }
  if (job.snapshot?.status !== 'complete') throw new Error(`the backup ended as ${JSON.stringify(job)}`);
}
