import { builtInSchema, demoEnvironment, type DemoOptions, type Extent } from '../../src/data/index.ts';

const made = new Map<string, ReturnType<typeof demoEnvironment>>();

/** The small demo environment, made once for each test file: a seed is only ever read. */
export function demoContents(options: DemoOptions = { size: 1, seed: 7 }, tables: Extent = 'lean') {
  const key = JSON.stringify([options, tables]);
  const contents = made.get(key) ?? demoEnvironment(builtInSchema(tables), options);
  made.set(key, contents);
  return contents;
}
