import { writeFile } from 'node:fs/promises';
import { configurationSchema } from './configuration-schema.ts';

// Runs compiled, from backend/dist/scripts.
await writeFile(new URL('../../rowback.schema.json', import.meta.url), await configurationSchema());
