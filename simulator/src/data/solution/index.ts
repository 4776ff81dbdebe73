export { importSolution, type ImportedSolution } from './import-solution.ts';
export { SolutionError, type SolutionErrorCode } from './solution-error.ts';
