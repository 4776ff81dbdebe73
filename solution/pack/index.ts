export { PackError } from './errors.ts';
export { packSolution, type PackOptions } from './pack-solution.ts';
