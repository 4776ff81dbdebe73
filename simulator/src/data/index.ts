export { MAX_COLUMNS, MIN_COLUMNS, withBulkTables, type BulkTable } from './bulk-table.ts';
export { CATALOG_ITEM, catalogItems } from './special/index.ts';
export { builtInSchema } from './built-in-schema.ts';
export type { Extent } from './facts.ts';
export { SERVICE_USER } from './complete-environment.ts';
export { demoEnvironment, SALESPERSON, type DemoOptions } from './demo/index.ts';
export { loadPackage, PackageError, type LoadedPackage, type PackageErrorCode } from './package/index.ts';
export {
  importSolution,
  SolutionError,
  type ImportedSolution,
  type SolutionErrorCode,
} from './solution/index.ts';
