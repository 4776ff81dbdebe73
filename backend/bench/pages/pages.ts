import { propertyOf, selectList, type TableDetails } from '../../src/dataverse/index.ts';
import type { Benchmark, Measured } from '../benchmark.ts';
import { pageSize, type ReaderName, type ReadJob, type ReadResult } from './job.ts';
import { median, rounded, runJob } from './run-job.ts';
import { startSimulator, type RunningSimulator } from './simulator.ts';
import { openBenchClient } from './readers.ts';

const order: readonly ReaderName[] = ['bareFetch', 'rowback', 'dynamicsWebApi', 'fetchJson'];
/** Our reader must do at least so many times the rows of `dynamics-web-api` for the same processor time. */
const bar = 1.5;

interface Shape {
  readonly name: 'wide' | 'narrow';
  readonly table: string;
  readonly columns: (table: TableDetails) => readonly string[];
  readonly warmUp: number;
  readonly pages: number;
  readonly rounds: number;
}

const few = [
  'new_name',
  'createdon',
  'modifiedon',
  'ownerid',
  'statecode',
  'statuscode',
  'versionnumber',
  'exchangerate',
];
const shapes: readonly Shape[] = [
  { name: 'wide', table: 'new_wide', columns: selectList, warmUp: 1, pages: 2, rounds: 3 },
  { name: 'narrow', table: 'new_narrow', columns: () => few, warmUp: 6, pages: 20, rounds: 5 },
];

/** How fast our reader turns pages into values, beside who reads the same pages otherwise. */
export const pages: Benchmark = {
  name: 'pages',
  about: 'rows per second and core of our reader, beside bare fetch and the npm package dynamics-web-api',
  run: async (tell): Promise<Measured> => {
    const tables = shapes.flatMap(({ name, table, warmUp, pages }) => [
      '--generate',
      `${table}:${(warmUp + pages) * pageSize}:${name === 'wide' ? 150 : 21}`,
    ]);
    const simulator = await startSimulator(...tables);
    try {
      const measured = [];
      for (const shape of shapes) measured.push(await measureShape(simulator, shape, tell));
      return {
        figures: Object.assign({}, ...measured.map(({ figures }) => figures)) as Record<string, number>, // of numbers
        raw: Object.fromEntries(measured.map(({ name, results }) => [name, results])),
        bars: { vsDynamicsWebApi: bar, narrowVsDynamicsWebApi: bar },
      };
    } finally {
      await simulator.child.stop();
    }
  },
};

async function measureShape(simulator: RunningSimulator, shape: Shape, tell: (line: string) => void) {
  const job = await jobOf(simulator, shape);
  const results: Record<ReaderName, ReadResult[]> = {
    rowback: [],
    bareFetch: [],
    fetchJson: [],
    dynamicsWebApi: [],
  };
  for (let round = 1; round <= shape.rounds; round++) {
    for (const reader of order) {
      const result = await runJob({ ...job, reader });
      results[reader].push(result);
      tell(`${shape.name}, round ${round}, ${reader}: ${rounded(perCore(result))} rows per core second`);
    }
  }
  const own = results.rowback;
  const against = (reader: ReaderName) =>
    rounded(median(own.map((result, at) => perCore(result) / perCore(results[reader][at]!)))); // as many rounds
  const wide = shape.name === 'wide';
  const named = (figure: string) =>
    wide ? figure : `narrow${figure.replace(/^./, (first) => first.toUpperCase())}`;
  return {
    name: shape.name,
    results,
    figures: {
      [named('rowsPerCoreSecond')]: rounded(median(own.map(perCore))),
      [named('rowsPerSecond')]: rounded(median(own.map(({ rows, seconds }) => rows / seconds))),
      [named('vsBareFetch')]: against('bareFetch'),
      [named('vsFetchJson')]: against('fetchJson'),
      [named('vsDynamicsWebApi')]: against('dynamicsWebApi'),
    },
  };
}

async function jobOf(simulator: RunningSimulator, shape: Shape): Promise<Omit<ReadJob, 'reader'>> {
  const [table] = await openBenchClient(simulator.url).readTableDetails([shape.table]);
  if (table?.entitySet == null) throw new Error(`the simulator has no table ${shape.table}`);
  const columns = shape.columns(table);
  const properties = columns.map((name) => propertyOf(table.columns.find((column) => column.name === name)!)); // chosen from them
  return {
    url: simulator.url,
    table: table.name,
    entitySet: table.entitySet,
    columns,
    properties: [...new Set([...properties, table.primaryId ?? ''])].sort(),
    warmUp: shape.warmUp,
    pages: shape.pages,
  };
}

function perCore({ rows, cpuSeconds }: ReadResult): number {
  return rows / cpuSeconds;
}
