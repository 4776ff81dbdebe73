// Lint holds the walls of docs/design.md; this shows that it does: each breach below must be found.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import { root } from './setup.mjs';

/** A file that breaks one rule: where it stands, what it says, the rule that must object. */
const breaches = [
  ['backend/src/vault', "import '../dataverse/index.ts';", 'import-x/no-restricted-paths'],
  ['backend/src/dataverse', "import '../vault/index.ts';", 'import-x/no-restricted-paths'],
  ['backend/src/queue', "import '../jobs/open.ts';", 'import-x/no-restricted-paths'],
  ['backend/src/backup', "import '../queue/index.ts';", 'import-x/no-restricted-paths'],
  ['backend/src/backup', "import '../restore/index.ts';", 'import-x/no-restricted-paths'],
  ['backend/src/restore', "import '../backup/index.ts';", 'import-x/no-restricted-paths'],
  ['backend/src/verify', "import '../backup/index.ts';", 'import-x/no-restricted-paths'],
  ['backend/src/coverage', "import '../restore/index.ts';", 'import-x/no-restricted-paths'],
  ['backend/src/base', "import '../vault/index.ts';", 'import-x/no-restricted-paths'],
  ['backend/src/jobs', "import '../api/index.ts';", 'import-x/no-restricted-paths'],
  ['backend/src/jobs', "import '../../../simulator/src/main.ts';", 'import-x/no-restricted-paths'],
  ['simulator/src', "import '../../backend/src/base/value.ts';", 'import-x/no-restricted-paths'],
  ['backend/src/vault', 'export const at = Date.now();', 'no-restricted-properties'],
  ['backend/src/vault', 'export const at = new Date();', 'no-restricted-syntax'],
  ['backend/src/backup', 'export const chance = Math.random();', 'no-restricted-properties'],
  ['backend/src/dataverse', "export const answer = fetch('http://127.0.0.1');", 'no-restricted-globals'],
  ['backend/src/jobs', 'setTimeout(() => undefined, 1);', 'no-restricted-globals'],
];

let failed = 0;
for (const [folder, text, rule] of breaches) {
  const file = join(root, folder, 'breach-of-a-wall.ts');
  writeFileSync(file, `${text}\n`);
  try {
    // The projects of the type checker do not know the file, and these rules need no types.
    const eslint = new ESLint({
      cwd: root,
      overrideConfig: { languageOptions: { parserOptions: { project: null, projectService: false } } },
      ruleFilter: ({ ruleId }) => !ruleId.startsWith('@typescript-eslint/'),
    });
    const [result] = await eslint.lintFiles([file]);
    const found = result.messages.some((message) => message.ruleId === rule);
    if (!found) failed += 1;
    process.stdout.write(`${found ? 'found ' : 'MISSED'} ${folder}: ${text}\n`);
  } finally {
    rmSync(file, { force: true });
  }
}
process.stdout.write(`${breaches.length - failed} of ${breaches.length} breaches found\n`);
process.exit(failed === 0 ? 0 : 1);
