import { Command, InvalidArgumentError, Option } from 'commander';
import { MAX_COLUMNS, MIN_COLUMNS, type BulkTable, type Extent } from './data/index.ts';
import { readSwitches, SWITCHES, type Switches } from './service/switches.ts';

export interface Arguments {
  readonly port: number;
  readonly data: string | undefined;
  /** A file with custom logic. */
  readonly hooks: string | undefined;
  readonly empty: boolean;
  readonly specialTables: boolean;
  /** Which standard tables there are. */
  readonly tables: Extent;
  readonly open: boolean;
  readonly size: number;
  readonly seed: number;
  readonly child: boolean;
  readonly verbose: boolean;
  /** Undefined: a random one. */
  readonly clientSecret: string | undefined;
  readonly switches: Partial<Switches>;
  /** Tables that are added and filled with generated rows. */
  readonly generate: readonly BulkTable[];
  /** False: answers are not compressed, whatever the client accepts. */
  readonly gzip: boolean;
  readonly limits: boolean;
  readonly servers: number;
  /** Latency as a multiple of the model's; 0 answers at once. */
  readonly latency: number;
  /** Milliseconds that every answer waits besides. */
  readonly delayMs: number;
  /** The seed of a bad day; undefined on a good one. */
  readonly badDay: number | undefined;
}

/** Reads the command line. Wrong use ends the process with one line and exit code 2. */
export function parseArguments(args: readonly string[]): Arguments {
  const command = new Command('simulator')
    .description('A pretend Dataverse environment that speaks the Web API v9.2, in memory.')
    .option('--port <port>', 'port on 127.0.0.1; 0 takes a free one', wholeNumber(0, 65535), 0)
    .option('--data <path>', 'a Configuration Migration package, folder or zip')
    .option('--hooks <file>', 'custom logic: a JSON list of hooks as POST /_simulator/hooks takes them')
    .option('--empty', 'standard tables without rows', false)
    .option('--special-tables', 'add elastic, virtual and other special tables to the demo', false)
    .addOption(
      new Option('--tables <extent>', 'which standard tables there are: those of most work, or all')
        .choices(['lean', 'full'])
        .default('lean'),
    )
    .option('--open', 'take any bearer token as the administrator', false)
    .option('--size <n>', 'size of the demo environment', wholeNumber(1, 1000), 1)
    .option('--seed <n>', 'seed of the demo environment', wholeNumber(0, 2 ** 31), 2026)
    .option('--client-secret <text>', 'secret of the service application; random unless given')
    .option('--switch <name=value>', 'what to do where the sources conflict; may be repeated', addSwitch, {})
    .option(
      '--generate <table:rows[:columns]>',
      'adds a custom table with rows made from the seed; may be repeated',
      addTable,
      [],
    )
    .option('--limits', 'service protection: 429 beyond the documented limits', false)
    .option('--servers <n>', 'web servers, each with limits of its own', wholeNumber(1, 100), 1)
    .option('--latency <factor>', 'requests take time: model, or a multiple of it', latencyFactor, 0)
    .option('--delay <ms>', 'every answer waits so long besides', wholeNumber(0, 60_000), 0)
    .option('--bad-day <seed>', 'things go wrong, drawn from this seed', wholeNumber(0, 2 ** 31))
    .option('--no-gzip', 'never compress answers')
    .option('--verbose', 'tell on stderr what was decided while reading a package', false)
    .option('--child', 'end when stdin or the IPC channel closes', false)
    .exitOverride((error) => {
      process.exit(error.exitCode === 0 ? 0 : 2);
    });
  command.parse(args, { from: 'user' });
  const options = command.opts<
    Omit<Arguments, 'data' | 'hooks' | 'clientSecret' | 'switches' | 'badDay' | 'delayMs'> & {
      delay: number;
      badDay?: number;
      data?: string;
      hooks?: string;
      clientSecret?: string;
      switch: Partial<Switches>;
    }
  >();
  if (options.data !== undefined && options.empty) {
    process.stderr.write('--data and --empty exclude each other.\n');
    process.exit(2);
  }
  return {
    ...options,
    delayMs: options.delay,
    data: options.data,
    badDay: options.badDay,
    hooks: options.hooks,
    clientSecret: options.clientSecret,
    switches: options.switch,
  };
}

function wholeNumber(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

function latencyFactor(text: string): number {
  const value = text === 'model' ? 1 : Number(text);
  if (!/^(model|\d+(\.\d+)?)$/.test(text)) throw new InvalidArgumentError('Give model or a number.');
  return value;
}

const MAX_ROWS = 100_000_000;

function addTable(text: string, before: readonly BulkTable[]): readonly BulkTable[] {
  const match = /^([a-z][a-z0-9]{1,7}_[a-z0-9_]{1,40}):(\d{1,9})(?::(\d{1,4}))?$/.exec(text);
  const [, name = '', rows = '', columns = '150'] = match ?? [];
  const table = { name, rows: Number(rows), columns: Number(columns) };
  const fits = table.rows >= 1 && table.rows <= MAX_ROWS;
  if (match === null || !fits || table.columns < MIN_COLUMNS || table.columns > MAX_COLUMNS) {
    throw new InvalidArgumentError(
      `Give a name with a prefix, 1 to ${MAX_ROWS} rows and ${MIN_COLUMNS} to ${MAX_COLUMNS} columns: new_bulk:1000000:150.`,
    );
  }
  if (before.some((other) => other.name === name)) throw new InvalidArgumentError('Each table once.');
  return [...before, table];
}

function addSwitch(text: string, before: Partial<Switches>): Partial<Switches> {
  const [name = '', value = ''] = text.split('=');
  const read = readSwitches({ [name]: value });
  if (read === undefined) {
    const known = Object.entries(SWITCHES).map(([each, { values }]) => `${each}=${values.join('|')}`);
    throw new InvalidArgumentError(`Known: ${known.join(', ')}.`);
  }
  return { ...before, ...read };
}
