import { Story } from '../demo/console.ts';
import { type Services, startServices } from '../demo/services.ts';
import { tellDamage, tellRestore } from '../demo/story.ts';
import type { Benchmark, Measured } from './benchmark.ts';

/** Seconds and Dataverse requests of each step of the story. No bar to meet: it shows where time goes. */
export const story: Benchmark = {
  name: 'story',
  about: 'seconds and Dataverse requests of each step of `npm start -- --once`',
  run: async (tell): Promise<Measured> => {
    const started = performance.now();
    const services = await startServices({ apiPort: 0 });
    const startSeconds = (performance.now() - started) / 1000;
    try {
      const quiet = new Story(true, () => requestsAnswered(services));
      const hurt = await tellDamage(services, quiet);
      await tellRestore(hurt, quiet);
      const { passed, failed } = quiet.result;
      if (failed > 0)
        throw new Error(
          `${failed} of ${passed + failed} checks of the story failed; see npm start -- --once`,
        );
      const steps = [{ name: 'start', seconds: startSeconds, requests: 0 }, ...quiet.steps];
      for (const { name, seconds, requests } of steps)
        tell(`${name}: ${seconds.toFixed(2)} s, ${requests} requests`);
      return {
        figures: Object.fromEntries(
          steps.flatMap(({ name, seconds, requests }) => [
            [`${name}Seconds`, Math.round(seconds * 1000) / 1000],
            [`${name}Requests`, requests],
          ]),
        ),
        raw: { firstBackup: hurt.first, secondBackup: hurt.second, valuesCompared: hurt.before.values },
      };
    } finally {
      await services.stop();
    }
  },
};

async function requestsAnswered(services: Services): Promise<number> {
  const answer: unknown = await (await fetch(`${services.simulator.url}/_simulator/statistics`)).json();
  if (
    typeof answer === 'object' &&
    answer !== null &&
    'requests' in answer &&
    typeof answer.requests === 'number'
  )
    return answer.requests;
  throw new Error('the simulator did not tell how many requests it has answered');
}
