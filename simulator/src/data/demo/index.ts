export { demoEnvironment, type DemoOptions } from './demo-environment.ts';
export { SALESPERSON } from './platform-rows.ts';
export { EVENT, EVENT_CONTACTS, SAMPLE } from './demo-schema.ts';
