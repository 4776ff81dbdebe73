import { writeFile } from 'node:fs/promises';
import { apiDoc } from './api-doc.ts';

// Runs compiled, from backend/dist/scripts: the root of the repository is three folders up.
await writeFile(new URL('../../../docs/api.md', import.meta.url), await apiDoc());
