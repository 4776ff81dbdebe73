import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { generatedIcon, generatedTexts } from './files.ts';

// Compiled to connector/dist/connector/generate, three folders below the connector.
const folder = resolve(import.meta.dirname, '..', '..', '..');

for (const [name, text] of Object.entries(await generatedTexts())) {
  await writeFile(resolve(folder, name), text);
  process.stdout.write(`wrote connector/${name}\n`);
}
await writeFile(resolve(folder, 'icon.png'), generatedIcon());
process.stdout.write('wrote connector/icon.png\n');
