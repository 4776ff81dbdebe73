export { runCommandLine } from './program.ts';
export type { Machine } from './context.ts';
