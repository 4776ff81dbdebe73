export { loadPackage, type LoadedPackage } from './load-package.ts';
export { PackageError, type PackageErrorCode } from './package-error.ts';
