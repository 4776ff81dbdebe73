import { fileTableName, type NamedFile, type Snapshot, type Vault } from '../vault/index.ts';
import {
  blobOfContent,
  checkContent,
  checkFile,
  damageOf,
  storedContents,
  type StoredContent,
} from './contents.ts';
import { finding, type Finding } from './finding.ts';
import { checkSnapshots, readSnapshots, snapshotsShowing } from './snapshots.ts';
import { checkStates, type CheckedState } from './states.ts';
import { readTableLog, type TableLog } from './table-log.ts';

export interface VerifyOptions {
  /** Reads every Parquet file and content, and computes the tables of the newest snapshot anew. */
  readonly readData: boolean;
  readonly onProgress?: (progress: VerifyProgress) => void;
}

export interface VerifyProgress {
  readonly step: 'structure' | 'rows' | 'contents' | 'states';
  readonly done: number;
  readonly total: number;
}

export interface VerifyReport {
  readonly environmentId: string;
  readonly snapshots: number;
  readonly tables: number;
  readonly files: number;
  readonly bytes: number;
  /** Contents that rows name and the vault holds. */
  readonly contents: number;
  /** Empty unless the data was read. */
  readonly states: readonly CheckedState[];
  readonly findings: readonly Finding[];
}

/**
 * Holds a vault against its own format, from the blobs up: what is named is there, the logs have no gap, sequences and
 * snapshots rise, and (with `readData`) every byte has the hash it must have and every table the rows its snapshot says.
 * Reads only; finds what is wrong instead of throwing, and throws what kept it from looking.
 */
export async function verifyVault(vault: Vault, options: VerifyOptions): Promise<VerifyReport> {
  const blobs = await listBlobs(vault);
  const { snapshots, findings } = await readSnapshots(vault, blobs.snapshots);
  const logs = new Map<string, TableLog>();
  for (const [table, versions] of blobs.commits)
    logs.set(
      table,
      await readTableLog(
        vault,
        table,
        [...versions].sort((a, b) => a - b),
      ),
    );
  const all: Finding[] = [...findings, ...[...logs.values()].flatMap((log) => log.findings)];
  all.push(...checkSnapshots(snapshots, logs, blobs.schemas));
  all.push(...checkNamed(logs, blobs, snapshots));
  const isReadable = !all.some(({ severity }) => severity === 'damage');
  const { contents, damage } = await contentsNamed(vault, logs.get(fileTableName));
  all.push(...damage);
  const files = [...logs.values()].flatMap((log) => log.files.map((file) => ({ table: log.table, file })));
  all.push(...checkContentsThere(vault, contents, blobs), ...leftovers(vault, files, contents, blobs));
  let states: readonly CheckedState[] = [];
  if (options.readData) {
    all.push(...(await readAll(vault, files, contents, snapshots, blobs, options)));
    // What is damaged was named already; a state over it would say no more.
    if (isReadable && !all.some(({ severity }) => severity === 'damage')) {
      const checked = await statesOfNewest(vault, snapshots, options);
      states = checked.states;
      all.push(...checked.findings);
    }
  }
  return {
    environmentId: vault.environmentId,
    snapshots: snapshots.length,
    tables: logs.size,
    files: files.length,
    bytes: files.reduce((sum, { file }) => sum + file.bytes, 0),
    contents: contents.length,
    states,
    findings: all,
  };
}

interface Blobs {
  readonly sizes: ReadonlyMap<string, number>;
  readonly snapshots: readonly string[];
  /** Numbers of the commits there are, by table. */
  readonly commits: ReadonlyMap<string, readonly number[]>;
  /** Ids of schema documents. */
  readonly schemas: ReadonlySet<string>;
}

async function listBlobs(vault: Vault): Promise<Blobs> {
  const sizes = new Map<string, number>();
  const snapshots: string[] = [];
  const commits = new Map<string, number[]>();
  const schemas = new Set<string>();
  for await (const { name, bytes } of vault.inspection.blobs()) {
    sizes.set(name, bytes);
    const path = name.slice(vault.environmentId.length + 1);
    const commit = /^tables\/([^/]+)\/_delta_log\/(\d{20})\.json$/.exec(path);
    if (commit?.[1] !== undefined)
      commits.set(commit[1], [...(commits.get(commit[1]) ?? []), Number(commit[2])]);
    const schema = /^schemas\/([0-9a-f]{64})\.json$/.exec(path)?.[1];
    if (schema !== undefined) schemas.add(schema);
    if (path.startsWith('snapshots/')) snapshots.push(name);
  }
  return { sizes, snapshots, commits, schemas };
}

/** Contents of rows; none, with the reason, where their table cannot be read. */
async function contentsNamed(
  vault: Vault,
  log: TableLog | undefined,
): Promise<{ readonly contents: readonly StoredContent[]; readonly damage: readonly Finding[] }> {
  // What is wrong with the log was said already.
  if (log === undefined || log.findings.length > 0) return { contents: [], damage: [] };
  try {
    return { contents: await storedContents(vault), damage: [] };
  } catch (error) {
    const blob = `${vault.environmentId}/tables/${fileTableName}/`;
    return { contents: [], damage: [damageOf(error, { blob, table: fileTableName })] };
  }
}

/** Is every file that a log names there, with the size that it says, and every schema? */
function checkNamed(
  logs: ReadonlyMap<string, TableLog>,
  { sizes, schemas }: Blobs,
  snapshots: readonly Snapshot[],
): Finding[] {
  return [...logs.values()].flatMap(({ table, files, schemas: named }) => [
    ...files.flatMap((file) => {
      const where = { table, blob: file.blob, snapshots: snapshotsShowing(snapshots, table, file.minSeq) };
      const bytes = sizes.get(file.blob);
      if (bytes === undefined)
        return [finding('blob-missing', `${file.blob} is named and not there.`, where)];
      if (bytes === file.bytes) return [];
      return [finding('blob-damaged', `${file.blob} has ${bytes} bytes and not ${file.bytes}.`, where)];
    }),
    ...[...named]
      .filter((id) => !schemas.has(id))
      .map((id) => finding('blob-missing', `The schema ${id} of ${table} is not there.`, { table })),
  ]);
}

function checkContentsThere(vault: Vault, contents: readonly StoredContent[], { sizes }: Blobs): Finding[] {
  return contents.flatMap(({ sha256, bytes }) => {
    const blob = blobOfContent(vault.environmentId, sha256);
    const there = sizes.get(blob);
    if (there === undefined) return [finding('content-missing', `${blob} is named and not there.`, { blob })];
    if (bytes === null || bytes === there) return [];
    return [finding('content-damaged', `${blob} has ${there} bytes, its line says ${bytes}.`, { blob })];
  });
}

/** Parquet files and contents that nothing names: what a run that was cut short may leave behind. */
function leftovers(
  vault: Vault,
  files: readonly { readonly file: NamedFile }[],
  contents: readonly { readonly sha256: string }[],
  { sizes }: Blobs,
): Finding[] {
  const named = new Set([
    ...files.map(({ file }) => file.blob),
    ...contents.map(({ sha256 }) => blobOfContent(vault.environmentId, sha256)),
  ]);
  const could = [...sizes.keys()].filter(
    (name) => /\/tables\/[^/]+\/[^/]+\.parquet$/.test(name) || name.includes(`${vault.environmentId}/files/`),
  );
  return could
    .filter((name) => !named.has(name))
    .map((blob) => finding('leftover', `${blob} is named by nothing.`, { blob }));
}

async function readAll(
  vault: Vault,
  files: readonly { readonly table: string; readonly file: NamedFile }[],
  contents: readonly StoredContent[],
  snapshots: readonly Snapshot[],
  { sizes }: Blobs,
  { onProgress = () => undefined }: VerifyOptions,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [at, { table, file }] of files.entries()) {
    onProgress({ step: 'rows', done: at, total: files.length });
    if (sizes.get(file.blob) === file.bytes)
      findings.push(...(await checkFile(vault, table, file, snapshots)));
  }
  for (const [at, content] of contents.entries()) {
    onProgress({ step: 'contents', done: at, total: contents.length });
    if (sizes.has(blobOfContent(vault.environmentId, content.sha256)))
      findings.push(...(await checkContent(vault, content)));
  }
  return findings;
}

async function statesOfNewest(
  vault: Vault,
  snapshots: readonly Snapshot[],
  { onProgress = () => undefined }: VerifyOptions,
): Promise<Awaited<ReturnType<typeof checkStates>>> {
  const newest = snapshots.at(-1);
  if (newest === undefined) return { states: [], findings: [] };
  onProgress({ step: 'states', done: 0, total: 1 });
  return checkStates(vault, newest);
}
