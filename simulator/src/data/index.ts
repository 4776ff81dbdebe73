export { builtInSchema } from './built-in-schema.ts';
export { SERVICE_USER } from './complete-environment.ts';
export { loadPackage, PackageError, type LoadedPackage, type PackageErrorCode } from './package/index.ts';
