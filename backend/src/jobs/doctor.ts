import { planBackup, readBackupFacts, type BackupPlan } from '../backup/index.ts';
import { RowbackError } from '../base/errors.ts';
import type { DataverseClient } from '../dataverse/index.ts';
import { isVaultError } from '../vault/index.ts';
import { checkReaders, connect, openStorage, type OpenPorts, type Storage } from './open.ts';
import type { EnvironmentSettings, Settings } from './settings.ts';

/** One thing that must be right, and what to do where it is not. `ok` null: could not be looked at, or is a matter of taste. */
export interface Check {
  readonly name: string;
  readonly ok: boolean | null;
  readonly detail: string;
  readonly hint: string | null;
}

/** Looks at everything that a backup and a restore need, writes nothing, and names what is missing. */
export async function examine(
  settings: Settings,
  environment: EnvironmentSettings,
  ports: OpenPorts,
): Promise<Check[]> {
  return [...(await examineDataverse(environment, ports)), ...(await examineStorage(settings))];
}

async function examineDataverse(environment: EnvironmentSettings, ports: OpenPorts): Promise<Check[]> {
  const checks: Check[] = [];
  const signIn = await attempt('sign-in', async () => {
    const { client } = connect(environment, ports);
    const identity = await client.whoAmI();
    return { value: client, detail: `signed in to ${environment.url} as user ${identity.userId}` };
  });
  checks.push(signIn.check);
  if (signIn.value === null) return checks;
  const client = signIn.value;
  if (environment.readers.length > 0)
    checks.push((await attempt('readers', () => readersOf(environment, ports))).check);
  const read = await attempt('metadata', async () => {
    const facts = await readBackupFacts(client, environment.policy);
    const { friendlyName, version } = facts.environment;
    return {
      value: planBackup(facts, environment.policy),
      detail: `${friendlyName}, version ${version}, ${facts.tables.length} tables`,
    };
  });
  checks.push(read.check);
  if (read.value === null) return checks;
  checks.push(notTeams(read.value), readRights(read.value), tracking(read.value), solution(read.value));
  checks.push(...(await writeRights(client, read.value.environment.userId)));
  return checks;
}

async function readersOf(environment: EnvironmentSettings, ports: OpenPorts) {
  await checkReaders(environment, ports);
  return { value: null, detail: `${environment.readers.length} further application users share the reading` };
}

async function attempt<T>(
  name: string,
  work: () => Promise<{ readonly value: T; readonly detail: string }>,
): Promise<{ readonly check: Check; readonly value: T | null }> {
  try {
    const { value, detail } = await work();
    return { check: { name, ok: true, detail, hint: null }, value };
  } catch (error) {
    if (!(error instanceof RowbackError)) throw error;
    return { check: { name, ok: false, detail: error.message, hint: error.hint }, value: null };
  }
}

function notTeams({ environment }: BackupPlan): Check {
  return {
    name: 'environment-kind',
    ok: !environment.isTeams,
    detail: environment.isTeams ? 'a Dataverse for Teams environment' : 'a full Dataverse environment',
    hint: environment.isTeams
      ? 'Its Web API may not be used by other programs; upgrade it to Dataverse.'
      : null,
  };
}

function readRights(plan: BackupPlan): Check {
  const hidden = plan.excluded.filter((table) => table.code === 'no-privilege');
  const secured = plan.tables.flatMap((table) =>
    table.leftOut
      .filter((column) => column.code === 'secured')
      .map((column) => `${table.table}.${column.column}`),
  );
  const parts = [
    `${plan.tables.length} tables can be read as a whole`,
    ...(hidden.length > 0 ? [`${hidden.length} cannot: ${some(hidden.map((table) => table.table))}`] : []),
    ...(secured.length > 0 ? [`hidden by column security: ${some(secured)}`] : []),
  ];
  return {
    name: 'read-rights',
    ok: hidden.length === 0 && secured.length === 0,
    detail: parts.join('; '),
    hint:
      hidden.length + secured.length === 0
        ? null
        : 'Give the application user the System Administrator role, and read in a field security profile for secured columns.',
  };
}

function tracking(plan: BackupPlan): Check {
  const others = plan.tables.filter((table) => table.mode !== 'change-tracking');
  const could = others.filter(
    ({ mode, details }) => mode !== 'append' && details.changeTrackingPossible && !details.changeTracking,
  );
  const tracked = plan.tables.length - others.length;
  return {
    name: 'change-tracking',
    ok: could.length === 0 ? true : null,
    detail: `${tracked} of ${plan.tables.length} tables are read by change tracking${
      could.length === 0 ? '' : `; it is off for ${some(could.map((table) => table.table))}`
    }`,
    hint:
      could.length === 0
        ? null
        : 'Turn change tracking on for the large ones among them (it cannot be turned off again); of the others the keys of all rows are read each time.',
  };
}

function solution(plan: BackupPlan): Check {
  const own = plan.excluded.filter((table) => table.code === 'own').map((table) => table.table);
  const missing = ['rowback_request', 'rowback_restore', 'rowback_heartbeat'].filter(
    (name) => !own.includes(name),
  );
  if (missing.length === 0) return { name: 'solution', ok: true, detail: 'installed', hint: null };
  return {
    name: 'solution',
    ok: null,
    detail: `not installed (${missing.join(', ')} missing): backups work, the form control does not`,
    hint: 'Import the Rowback solution to restore from a record’s own form.',
  };
}

const privileges = [
  {
    name: 'keep-created-on',
    privilege: 'prvOverrideCreatedOnCreatedBy',
    without: 'a deleted row that is created again gets a new created-on',
  },
  {
    name: 'act-for-users',
    privilege: 'prvActOnBehalfOfAnotherUser',
    without: 'restores from a form cannot run with the rights of the person who asks',
  },
] as const;

async function writeRights(client: DataverseClient, userId: string): Promise<Check[]> {
  const names = privileges.map((one) => one.privilege);
  const answer = await attempt('write-rights', async () => ({
    value: await client.privilegesOf(userId, names),
    detail: '',
  }));
  const { value } = answer;
  if (value === null) return [answer.check];
  return privileges.map(({ name, privilege, without }) => {
    const has = value.has(privilege);
    const hint = has
      ? null
      : `Give the application user a role with ${privilege}; System Administrator has it.`;
    return { name, ok: has, detail: has ? `has ${privilege}` : `lacks ${privilege}: ${without}`, hint };
  });
}

async function examineStorage(settings: Settings): Promise<Check[]> {
  const opened = await attempt('storage', async () => {
    const storage = await openStorage(settings);
    return { value: storage, detail: 'the setting can be used' };
  });
  if (opened.value === null) return [opened.check];
  const storage = opened.value;
  try {
    return [
      await examineContainer('vault', settings.container, () => storage.store.head('rowback')),
      await examineContainer('control', `${settings.container}-control`, () => readAnyMark(storage)),
    ];
  } finally {
    storage.close();
  }
}

async function readAnyMark(storage: Storage): Promise<void> {
  await storage.control.readMark('doctor');
}

async function examineContainer(
  name: string,
  container: string,
  ask: () => Promise<unknown>,
): Promise<Check> {
  try {
    await ask();
    return { name, ok: true, detail: `container ${container} can be read`, hint: null };
  } catch (error) {
    if (!(error instanceof RowbackError)) throw error;
    if (isVaultError(error, 'container-missing')) {
      const hint = 'The first backup makes it; without that right, make it yourself.';
      return { name, ok: null, detail: `container ${container} is not there yet`, hint };
    }
    return { name, ok: false, detail: error.message, hint: error.hint };
  }
}

function some(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(', ');
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}
