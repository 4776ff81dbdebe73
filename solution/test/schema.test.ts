import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validateXML } from 'xmllint-wasm';
import { hasXsd, pack, textIn, unzip, xsdFolder } from './support/packed.ts';

const root = 'CustomizationsSolution.xsd';

/** What libxml2 says against the customization schemas, one line a fault. */
async function faultsIn(customizations: string): Promise<readonly string[]> {
  const schemas = readdirSync(xsdFolder)
    .filter((name) => name.endsWith('.xsd'))
    .map((name) => ({
      fileName: name,
      contents: readFileSync(join(xsdFolder, name), 'utf8').replace(/^\uFEFF/, ''),
    }));
  const result = await validateXML({
    xml: [{ fileName: 'customizations.xml', contents: customizations }],
    schema: schemas.filter((schema) => schema.fileName === root),
    preload: schemas.filter((schema) => schema.fileName !== root),
    initialMemoryPages: 1024,
    maxMemoryPages: 4096,
  });
  return result.errors.map((error) => error.message);
}

const schemaTest = hasXsd ? test : test.skip;
const because = hasXsd ? '' : ` (skipped: no customization schemas at ${xsdFolder}, set ROWBACK_XSD)`;

describe(`customizations.xml against the customization schemas${because}`, () => {
  schemaTest('the packed file is valid', async () => {
    expect(await faultsIn(textIn(unzip(await pack()), 'customizations.xml'))).toEqual([]);
  });

  schemaTest.each([
    ['a misspelt element', /OwnershipTypeMask/g, 'OwnershipMask'],
    ['an unknown depth of a privilege', /level="Basic"/g, 'level="Own"'],
    ['a malformed id of a form', /<formid>\{/g, '<formid>{x'],
    ['an attribute of a control that does not exist', / classid="/g, ' klassid="'],
  ])('%s is found', async (_name, right, wrong) => {
    const packed = textIn(unzip(await pack()), 'customizations.xml');
    const broken = packed.replace(right, wrong);
    expect(broken).not.toBe(packed);
    expect(await faultsIn(broken)).not.toEqual([]);
  });
});
