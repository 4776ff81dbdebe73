import { Environment, type EnvironmentOptions } from './environment.ts';
import { loadGenerated } from './load-generated.ts';
import { loadSeed } from './load-seed.ts';

export {
  Environment,
  type EnvironmentOptions,
  type GeneratedContent,
  type Identity,
  type SolutionImporter,
} from './environment.ts';

/** An environment with its rows in place, ready to be served. */
export function createEnvironment(options: EnvironmentOptions): Environment {
  const environment = new Environment(options);
  loadSeed(environment, options.seed);
  for (const content of options.generated ?? []) loadGenerated(environment, content);
  return environment;
}
