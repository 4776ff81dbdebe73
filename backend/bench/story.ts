import { Story } from '../demo/console.ts';
import { startServices } from '../demo/services.ts';
import { tellDamage, tellRestore } from '../demo/story.ts';
import type { Benchmark, Measured } from './benchmark.ts';

interface Step {
  readonly step: string;
  readonly seconds: number;
  readonly requests: number;
}

/** Seconds and Dataverse requests of each step of the story. No bar to meet: it shows where time goes. */
export const story: Benchmark = {
  name: 'story',
  about: 'seconds and Dataverse requests of each step of `npm start -- --once`',
  run: async (tell): Promise<Measured> => {
    const steps: Step[] = [];
    const services = await step(
      steps,
      'start',
      async () => await startServices({ apiPort: 0 }),
      () => Promise.resolve(0),
    );
    const requests = async (): Promise<number> => {
      const answer: unknown = await (await fetch(`${services.simulator.url}/_simulator/statistics`)).json();
      if (
        typeof answer !== 'object' ||
        answer === null ||
        !('requests' in answer) ||
        typeof answer.requests !== 'number'
      )
        throw new Error('the simulator did not tell how many requests it has answered');
      return answer.requests;
    };
    try {
      const quiet = new Story(true);
      const hurt = await step(steps, 'back up, damage, back up', () => tellDamage(services, quiet), requests);
      await step(steps, 'restore, undo, compare', () => tellRestore(hurt, quiet), requests);
      const { passed, failed } = quiet.result;
      if (failed > 0)
        throw new Error(
          `${failed} of ${passed + failed} checks of the story failed; run npm start -- --once`,
        );
      for (const { step: name, seconds, requests: count } of steps)
        tell(`${name}: ${seconds.toFixed(2)} s, ${count} requests`);
      return {
        figures: Object.fromEntries(
          steps.flatMap(({ step: name, seconds, requests: count }) => [
            [`${key(name)}Seconds`, Math.round(seconds * 1000) / 1000],
            [`${key(name)}Requests`, count],
          ]),
        ),
        raw: {
          steps,
          firstBackup: hurt.first,
          secondBackup: hurt.second,
          valuesCompared: hurt.before.values,
        },
      };
    } finally {
      await services.stop();
    }
  },
};

async function step<T>(
  steps: Step[],
  name: string,
  work: () => Promise<T>,
  requests: () => Promise<number>,
): Promise<T> {
  const before = await requests();
  const started = performance.now();
  const result = await work();
  steps.push({
    step: name,
    seconds: (performance.now() - started) / 1000,
    requests: (await requests()) - before,
  });
  return result;
}

/** `back up, damage, back up` → `backUpDamageBackUp`. */
const key = (name: string): string =>
  name.replace(/[^a-z]+([a-z])/gi, (_, letter: string) => letter.toUpperCase());
