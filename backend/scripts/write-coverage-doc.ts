import { writeFile } from 'node:fs/promises';
import { coverageDoc } from './coverage-doc.ts';

// Runs compiled, from backend/dist/scripts: the root of the repository is three folders up.
await writeFile(new URL('../../../docs/coverage.md', import.meta.url), await coverageDoc());
