/** For who runs the pretend environment in their own process, on a clock that they drive; others start `main.ts`. */
export { builtInSchema, demoEnvironment, importSolution, withBulkTables } from './data/index.ts';
export { createSite, localFetch, startServer, type RunningSimulator, type Site } from './http/index.ts';
export { seededRandom, sequentialIds } from './model/guid.ts';
export { createEnvironment, type Environment } from './service/index.ts';
export type { Switches } from './service/switches.ts';
export {
  BadDay,
  DrivenClock,
  KINDS,
  Traffic,
  type FaultKind,
  type FaultRecord,
  type TrafficOptions,
} from './traffic/index.ts';
