import Table from 'cli-table3';

/** Where a command writes. Results go to `out`, everything about the way there to `err`. */
export interface Output {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Somebody watches `err`. */
  readonly isWatched: boolean;
  /** One JSON object on `out` and nothing else. */
  readonly json: boolean;
}

/** What a command came to. `data` is for `--json`, `text` for people. */
export interface CommandResult {
  readonly ok: boolean;
  /** Stable: `done`, `partly`, `failed`, `nothing-moved`, … */
  readonly code: string;
  readonly exitCode: number;
  readonly data: unknown;
  readonly text: string;
  readonly warnings: readonly string[];
}

export function printResult(output: Output, command: string, result: CommandResult): void {
  if (output.json) {
    output.out(`${JSON.stringify(envelope(command, result))}\n`);
    return;
  }
  if (result.text !== '') output.out(`${result.text}\n`);
  for (const warning of result.warnings) output.err(`Warning: ${warning}\n`);
}

/** The object of `--json`; its shape changes only with the number in `schema`. */
export function envelope(
  command: string,
  result: Pick<CommandResult, 'ok' | 'code' | 'data' | 'warnings'>,
): Record<string, unknown> {
  const { ok, code, data, warnings } = result;
  return { schema: `rowback/${command}/1`, ok, code, data, warnings };
}

/** Columns side by side without lines; the first row is the head. Numbers stand to the right. */
export function aligned(
  head: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  if (rows.length === 0) return '';
  const isNumber = head.map((_, at) => rows.every((row) => typeof (row[at] ?? 0) === 'number'));
  const table = new Table({
    head: [...head],
    chars: noLines,
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 2 },
    colAligns: isNumber.map((number) => (number ? 'right' : 'left')),
  });
  for (const row of rows) table.push(row.map((cell) => oneLine(cell)));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

const noLines = Object.fromEntries(
  ['top', 'bottom', 'left', 'right']
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .concat('mid', 'mid-mid', 'middle')
    .map((name) => [name, '']),
);

function oneLine(cell: string | number | null): string {
  if (cell === null) return '';
  const text = String(cell).replace(/\s+/g, ' ');
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[power] ?? ''}`;
}

/** `1 row`, `2 rows`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
