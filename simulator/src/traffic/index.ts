export { realClock, type Clock } from './clock.ts';
export { DrivenClock, type RunOptions } from './driven-clock.ts';
export { DOCUMENTED_LIMITS, type Facet, type Limits } from './limits.ts';
export { Traffic, type TrafficOptions } from './traffic.ts';
export type { Visit } from './visit.ts';
