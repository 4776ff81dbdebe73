import { writeFile } from 'node:fs/promises';
import { controlTypes } from './control-types.ts';

// Runs compiled, from backend/dist/scripts: the root of the repository is three folders up.
const file = new URL('../../../pcf-control/RecordHistory/services/contract.ts', import.meta.url);
await writeFile(file, controlTypes());
