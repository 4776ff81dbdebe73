import type { Benchmark, Measured } from '../benchmark.ts';
import { pageSize, token } from './job.ts';
import { discardPages } from './discard-pages.ts';
import { median, rounded } from './run-job.ts';
import { startSimulator } from './simulator.ts';

const rows = 1_000_000;
const pagesOfRound = 40;
const rounds = 5;
const megabyte = 1e6;
/** A reader under measurement must not be measured by the speed of the simulator. */
const bars = { megabytesPerCoreSecond: 200 };

/** How fast the simulator hands out pages: megabytes per second of its own processor time. */
export const simulatorPages: Benchmark = {
  name: 'simulator-pages',
  about: 'megabytes of row pages that the simulator gives per second of one core',
  run: async (tell): Promise<Measured> => {
    const simulator = await startSimulator('--generate', `new_bulk:${rows}:150`);
    try {
      const state = async (): Promise<State> => {
        const answer: unknown = await (await fetch(`${simulator.url}/_simulator/statistics`)).json();
        return answer as State; // the simulator's own endpoint
      };
      const first = `${simulator.url}/api/data/v9.2/new_bulks`;
      const headers = { authorization: `Bearer ${token}`, prefer: `odata.maxpagesize=${pageSize}` };
      // The first pages compile the code and the pieces of rows.
      await discardPages(first, headers, 3);
      const rates: number[] = [];
      let bytesOfRow = 0;
      for (let round = 1; round <= rounds; round++) {
        const before = await state();
        const bytes = await discardPages(first, headers, pagesOfRound);
        const seconds = (await state()).cpuSeconds - before.cpuSeconds;
        rates.push(bytes / megabyte / seconds);
        bytesOfRow = bytes / (pagesOfRound * pageSize);
        tell(`round ${round}: ${rounded(rates.at(-1) ?? 0)} MB per core second`);
      }
      const { residentBytes } = await state();
      return {
        figures: {
          megabytesPerCoreSecond: rounded(median(rates)),
          bytesOfRow: Math.round(bytesOfRow),
          residentMegabytes: Math.round(residentBytes / megabyte),
        },
        raw: { rows, rates },
        bars,
      };
    } finally {
      await simulator.child.stop();
    }
  },
};

interface State {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}
