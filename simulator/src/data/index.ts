export { builtInSchema } from './built-in-schema.ts';
