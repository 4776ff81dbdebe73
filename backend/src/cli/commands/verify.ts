import { verifyVaults } from '../../jobs/verify.ts';
import { withStorage, type CommandContext } from '../context.ts';
import { exit } from '../exit.ts';
import { aligned, bytesText, counted, type CommandResult } from '../output.ts';

type Report = Awaited<ReturnType<typeof verifyVaults>>[number];
type VerifyOptions = Parameters<typeof verifyVaults>[2];

/** Holds the vaults of the container against their own format. Asks Dataverse nothing and writes nothing. */
export async function verify(
  context: CommandContext,
  options: { readonly vault?: string; readonly readData?: boolean },
): Promise<CommandResult> {
  const readData = options.readData === true;
  const watched = context.output.isWatched;
  const onProgress: VerifyOptions['onProgress'] = ({ step, done, total }) => {
    if (watched) context.output.err(`\r\u001b[K${step}: ${done} of ${total}`);
  };
  const reports = await withStorage(
    context,
    (storage) => verifyVaults(storage, options.vault, { readData, onProgress }),
    true,
  );
  if (watched) context.output.err('\r\u001b[K');
  const whole = reports.every((report) => damageOf(report).length === 0);
  return {
    ok: whole,
    code: whole ? 'done' : 'damaged',
    exitCode: whole ? exit.done : exit.failed,
    data: { readData, vaults: reports },
    text: reports.map((report) => textOf(report, readData)).join('\n\n'),
    warnings: context.warnings,
  };
}

function damageOf({ findings }: Report): Report['findings'] {
  return findings.filter(({ severity }) => severity === 'damage');
}

function textOf(report: Report, readData: boolean): string {
  const damage = damageOf(report);
  const leftovers = report.findings.length - damage.length;
  const size = `${counted(report.snapshots, 'snapshot')}, ${counted(report.tables, 'table')}, ${counted(report.files, 'file')} of ${bytesText(report.bytes)}, ${counted(report.contents, 'content')}`;
  const how = readData ? 'every byte read' : 'structure only; --read-data reads every byte';
  const verdict = damage.length === 0 ? 'sound' : `${counted(damage.length, 'finding')}`;
  return [
    `${report.environmentId}: ${verdict} (${how}). ${size}.`,
    ...(leftovers === 0
      ? []
      : [`${counted(leftovers, 'blob')} named by nothing, left by runs that were cut short: harmless.`]),
    ...damage.map(({ code, message, hint, snapshots }) =>
      [`- ${message} (${code})`, ...shownIn(snapshots), `  ${hint}`].join('\n'),
    ),
    ...(report.states.length === 0
      ? []
      : [
          '',
          aligned(
            ['TABLE', 'ROWS', 'HASH BEGINS'],
            report.states.map(({ table, rows, hash }) => [table, rows, hash.slice(0, 16)]),
          ),
        ]),
  ].join('\n');
}

function shownIn(snapshots: readonly string[]): string[] {
  if (snapshots.length === 0) return [];
  const [first, last] = [snapshots[0], snapshots.at(-1)];
  const which =
    snapshots.length === 1
      ? `snapshot ${String(first)}`
      : `${snapshots.length} snapshots, ${String(first)} to ${String(last)}`;
  return [`  Touches ${which}.`];
}
