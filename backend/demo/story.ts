import type { BackupJob, Restore, SnapshotDetails, SnapshotSummary } from '../src/jobs/contract.ts';
import { ApiClient } from './api-client.ts';
import { bytesText, type Story } from './console.ts';
import { type Damage, type DamagedRow, doDamage } from './damage.ts';
import { Outsider, type TableFacts } from './outsider.ts';
import { audience, environmentName, type Services } from './services.ts';
import { compareTruth, type Difference, platformOwned, takeTruth, type Truth } from './truth.ts';

/** What the first half of the story leaves behind: an environment that was backed up, hurt, and backed up again. */
export interface Hurt {
  readonly api: ApiClient;
  readonly administrator: Outsider;
  readonly tables: readonly TableFacts[];
  readonly first: SnapshotSummary;
  readonly second: SnapshotSummary;
  readonly damage: Damage;
  readonly before: Truth;
}

/** First backup, the damage that other users do, second backup that reads only what changed. */
export async function tellDamage(services: Services, story: Story): Promise<Hurt> {
  const { people } = services;
  const api = new ApiClient(services.api, environmentName, () =>
    services.token(people.administrator, { audience, roles: ['Rowback.Operator'] }),
  );
  story.heading('First backup');
  const first = await story.step('firstBackup', () => backUp(api, story, 'reading everything'));
  const details = await api.call<SnapshotDetails>('GET', `snapshots/${first.id}`);
  const administrator = new Outsider(services.simulator.url, await services.token(people.administrator));
  const known = await administrator.tables();
  const tables = details.details.flatMap(({ table }) => known.get(table) ?? []);
  story.check(
    first.status === 'complete',
    `${first.rows} rows of ${first.tables} tables in snapshot ${first.id}`,
    JSON.stringify(details.details.filter((table) => table.status !== 'complete')),
  );
  story.line(`    ${first.requests} requests, ${bytesText(first.bytes)} written to the vault`);
  const before = await takeTruth(administrator, tables);

  story.heading('Then other people make mistakes');
  const importer = new Outsider(services.simulator.url, await services.token(people.importer));
  const damage = await doDamage(administrator, importer, administrator, tables);
  const { overwritten, deleted, unlinked } = damage;
  story.line(
    `    an import overwrites ${overwritten.columns.join(' and ')} on ${overwritten.rows.length} rows of ${overwritten.rows[0]?.table ?? ''}`,
  );
  story.line(
    `    somebody deletes ${deleted.table} "${deleted.name}" with ${deleted.notes} notes and ${deleted.files} files`,
  );
  if (unlinked) story.line(`    somebody removes a link between ${unlinked.between}`);

  story.heading('Second backup');
  const second = await story.step('secondBackup', () => backUp(api, story, 'reading what changed'));
  const share = ((100 * (second.put + second.gone)) / Math.max(first.rows, 1)).toFixed(1);
  story.check(
    second.put + second.gone < first.rows &&
      second.bytes < first.bytes &&
      second.put >= overwritten.rows.length,
    `only what changed: ${second.put} changed and ${second.gone} deleted rows (${share} % of ${first.rows})`,
  );
  story.line(`    ${second.requests} requests, ${bytesText(second.bytes)} written to the vault`);
  return { api, administrator, tables, first, second, damage, before };
}

async function backUp(api: ApiClient, story: Story, label: string): Promise<SnapshotSummary> {
  const bar = story.bar(label);
  try {
    let job = await api.call<BackupJob>('POST', 'backups', {});
    while (job.status === 'running') {
      await new Promise((resolve) => setTimeout(resolve, 150));
      job = await api.call<BackupJob>('GET', `backups/${job.id}`);
      bar.update(
        job.progress.tablesDone,
        job.progress.tablesTotal,
        `${job.progress.rows} rows, ${job.progress.requests} requests`,
      );
    }
    if (!job.snapshot) throw new Error(`the backup ended as ${job.status}: ${JSON.stringify(job.error)}`);
    return job.snapshot;
  } finally {
    bar.stop();
  }
}

/** Puts back what was broken, record by record, and compares every value with what was there before. */
export async function tellRestore(hurt: Hurt, story: Story): Promise<void> {
  const { damage, api } = hurt;
  story.heading('Restore');
  const overwrittenRestores = await story.step('restoreOverwritten', () => restoreOverwritten(hurt, story));
  const back = await story.step('restoreDeleted', () => restoreRow(hurt, damage.deleted));
  story.check(
    back.status === 'done' || back.status === 'partly',
    `${damage.deleted.table} "${damage.deleted.name}" is back with its id, ${back.plan.rows.length - 1} rows that hung from it and ${back.plan.counts.filesToRestore} files`,
    describe(back),
  );
  if (damage.unlinked) {
    const { unlinked } = damage;
    const link = await story.step('restoreLink', () => restoreRow(hurt, unlinked));
    story.check(
      link.status === 'done',
      `the link between ${damage.unlinked.between} is back`,
      describe(link),
    );
  }
  await restoreRemainder(hurt, story);
  await compareWithBefore(hurt, story, 'every value is as it was before');

  story.heading('Undo, and back again');
  const one = overwrittenRestores[0];
  if (!one) throw new Error('nothing was restored that could be undone');
  const undone = await story.step('undo', () => runUndo(api, one.plan.id));
  story.check(
    undone.status === 'done',
    'the first restore is undone: the overwritten values are there again',
    describe(undone),
  );
  const differences = compareTruth(hurt.before, await takeTruth(hurt.administrator, hurt.tables));
  story.check(
    differences.length === hurt.damage.overwritten.columns.length,
    'only that record differs',
    describeAll(differences),
  );
  const again = await runUndo(api, undone.plan.id);
  story.check(again.status === 'done', 'undoing the undo puts them back', describe(again));
  await compareWithBefore(hurt, story, 'and every value is as it was before');
  const repeated = await restoreRow(hurt, damage.deleted);
  story.check(
    repeated.plan.counts.columnsToRestore === 0 && repeated.plan.counts.filesToRestore === 0,
    'restoring the same record a second time finds nothing to do',
    describe(repeated),
  );
}

async function restoreOverwritten(hurt: Hurt, story: Story): Promise<Restore[]> {
  const restores: Restore[] = [];
  const bar = story.bar('restoring');
  const { rows, columns } = hurt.damage.overwritten;
  for (const row of rows) {
    restores.push(await restoreRow(hurt, row));
    bar.update(restores.length, rows.length, row.name);
  }
  bar.stop();
  const right = restores.filter(
    (restore) => restore.status === 'done' && restore.plan.counts.columnsToRestore === columns.length,
  );
  story.check(
    right.length === rows.length,
    `${rows.length} rows have their ${columns.join(' and ')} back, nothing else was written`,
    describe(restores.find((restore) => !right.includes(restore))),
  );
  return restores;
}

/** Rows that the deletion took along or changed: platform-made children, lookups that were emptied. */
async function restoreRemainder(hurt: Hurt, story: Story): Promise<void> {
  const tried = new Set<string>();
  let restored = 0;
  for (;;) {
    const left = compareTruth(hurt.before, await takeTruth(hurt.administrator, hurt.tables)).filter(
      ({ table, id }) => !tried.has(`${table} ${id}`) && !id.includes('='),
    );
    // Rows that are gone come first: others may point to them.
    const next = left.filter(({ text }) => text === 'is not there');
    const batch = next.length > 0 ? next : left;
    if (batch.length === 0) break;
    for (const { table, id } of new Map(batch.map((each) => [`${each.table} ${each.id}`, each])).values()) {
      tried.add(`${table} ${id}`);
      const restore = await restoreRow(hurt, { table, id, name: id });
      restored += restore.result?.counts.restored ?? 0;
    }
  }
  if (restored > 0)
    story.line(`    ${restored} rows that the deletion had changed or taken along are put back too`);
}

async function restoreRow(hurt: Hurt, row: DamagedRow): Promise<Restore> {
  const planned = await hurt.api.call<Restore>('POST', 'restores', {
    table: row.table,
    id: row.id,
    at: hurt.first.id,
  });
  return await run(hurt.api, planned);
}

async function runUndo(api: ApiClient, restoreId: string): Promise<Restore> {
  return await run(api, await api.call<Restore>('POST', `restores/${restoreId}/undo`));
}

async function run(api: ApiClient, planned: Restore): Promise<Restore> {
  let restore = await api.call<Restore>('POST', `restores/${planned.plan.id}/run`);
  while (restore.status === 'running' || restore.status === 'planned') {
    await new Promise((resolve) => setTimeout(resolve, 100));
    restore = await api.call<Restore>('GET', `restores/${planned.plan.id}`);
  }
  return restore;
}

async function compareWithBefore(hurt: Hurt, story: Story, text: string): Promise<void> {
  const differences = compareTruth(hurt.before, await takeTruth(hurt.administrator, hurt.tables));
  story.check(
    differences.length === 0,
    `${text} (${hurt.before.values} values compared)`,
    describeAll(differences),
  );
  if (differences.length === 0 && text.startsWith('every'))
    story.line(
      `    not compared, because the platform writes them itself: ${Object.keys(platformOwned).join(', ')}`,
    );
}

const describe = (restore: Restore | undefined): string =>
  restore
    ? JSON.stringify({
        table: restore.plan.selection.table,
        id: restore.plan.selection.id,
        status: restore.status,
        problems: restore.plan.problems,
        rows: restore.result?.rows.filter((row) => row.kind !== 'restored'),
      }).slice(0, 1500)
    : '';

const describeAll = (differences: readonly Difference[]): string =>
  differences
    .slice(0, 12)
    .map(({ table, id, text }) => `${table} ${id} ${text}`)
    .join('\n      ') + (differences.length > 12 ? `\n      … ${differences.length} in all` : '');
