import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packSolution } from '../pack/index.ts';
import { child, children, textOf } from '../pack/xml.ts';
import {
  builtControl,
  controlIsBuilt,
  pack,
  smallControl,
  sourceFolder,
  textIn,
  unzip,
  xmlIn,
} from './support/packed.ts';

const control = 'Controls/rowback_Rowback.RecordHistory';

test('the same folders give the same bytes', async () => {
  expect(Buffer.compare(await pack(), await pack())).toBe(0);
});

test('the zip holds the two documents, their content types, the control and the icons, and nothing else', async () => {
  expect(Object.keys(unzip(await pack()))).toEqual([
    `${control}/ControlManifest.xml`,
    `${control}/bundle.js`,
    expect.stringMatching(/^WebResources\/rowback_iconsheartbeatsvg[0-9A-F-]{36}$/),
    expect.stringMatching(/^WebResources\/rowback_iconsrequestsvg[0-9A-F-]{36}$/),
    expect.stringMatching(/^WebResources\/rowback_iconsrestoresvg[0-9A-F-]{36}$/),
    expect.stringMatching(/^WebResources\/rowback_iconsrowbacksvg[0-9A-F-]{36}$/),
    '[Content_Types].xml',
    'customizations.xml',
    'solution.xml',
  ]);
});

test('the content types cover every file: by extension, or by name where it has none', async () => {
  const entries = unzip(await pack());
  const types = children(xmlIn(entries, '[Content_Types].xml'));
  const extensions = types.flatMap((type) => type.attributes['Extension'] ?? []);
  const names = types.flatMap((type) => type.attributes['PartName'] ?? []);
  for (const path of Object.keys(entries).filter((name) => name !== '[Content_Types].xml')) {
    const file = path.split('/').at(-1) ?? '';
    expect(
      file.includes('.') ? extensions.includes(file.split('.').at(-1) ?? '') : names.includes(`/${path}`),
    ).toBe(true);
  }
});

test.each([
  [false, '0'],
  [true, '1'],
])('a package packed with managed %s says so and holds the same components', async (managed, kind) => {
  const entries = unzip(await pack(managed));
  const body = child(xmlIn(entries, 'solution.xml'), 'SolutionManifest');
  expect(textOf(body && child(body, 'Managed'))).toBe(kind);
  expect(textIn(entries, 'customizations.xml')).toBe(textIn(unzip(await pack()), 'customizations.xml'));
});

const builtTest = controlIsBuilt ? test : test.skip;
const because = controlIsBuilt
  ? ''
  : ' (skipped: the control is not built, run npm run build -w pcf-control)';

builtTest(`the built control is in the zip, file by file${because}`, async () => {
  const entries = unzip(await packSolution({ sourceFolder, controlFolder: builtControl, managed: false }));
  const bundle = entries[`${control}/bundle.js`];
  expect(bundle && Buffer.compare(bundle, await readFile(join(builtControl, 'bundle.js')))).toBe(0);
  expect(Object.keys(entries).some((name) => name.startsWith(`${control}/strings/`))).toBe(true);
});

describe('a source that cannot be packed is refused with its reason', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rowback-solution-'));
    await cp(sourceFolder, join(folder, 'src'), { recursive: true });
    await cp(smallControl, join(folder, 'control'), { recursive: true });
  });
  afterEach(() => rm(folder, { recursive: true }));

  const packCopy = (): Promise<Uint8Array> =>
    packSolution({
      sourceFolder: join(folder, 'src'),
      controlFolder: join(folder, 'control'),
      managed: false,
    });
  const change = async (path: string, from: string, to: string): Promise<void> => {
    const text = await readFile(join(folder, path), 'utf8');
    expect(text).toContain(from);
    await writeFile(join(folder, path), text.replace(from, to));
  };

  test('a control of another namespace', async () => {
    await change('control/ControlManifest.xml', 'namespace="Rowback"', 'namespace="Other"');
    await expect(packCopy()).rejects.toMatchObject({
      code: 'SOLUTION_CONTROL_MISMATCH',
      message: expect.stringContaining('rowback_Other.RecordHistory'),
    });
  });

  test('a publisher of another prefix than the control', async () => {
    await change('src/Other/Solution.xml', '<CustomizationPrefix>rowback<', '<CustomizationPrefix>other<');
    await expect(packCopy()).rejects.toMatchObject({ code: 'SOLUTION_CONTROL_MISMATCH' });
  });

  test('a control that was not built', async () => {
    await rm(join(folder, 'control', 'bundle.js'));
    await expect(packCopy()).rejects.toMatchObject({ code: 'SOLUTION_CONTROL_NOT_BUILT' });
    await rm(join(folder, 'control'), { recursive: true });
    await expect(packCopy()).rejects.toMatchObject({ code: 'SOLUTION_FOLDER_UNREADABLE' });
  });

  test('XML that is not well-formed, with the file and the line', async () => {
    await change('src/Roles/Rowback User.xml', '</RolePrivileges>', '');
    await expect(packCopy()).rejects.toMatchObject({
      code: 'SOLUTION_XML_MALFORMED',
      message: expect.stringMatching(/^Roles\/Rowback User\.xml, line \d+/),
    });
  });

  test('a relationship that the index does not name', async () => {
    await change('src/Other/Relationships.xml', '<EntityRelationship Name="owner_rowback_request" />', '');
    await expect(packCopy()).rejects.toMatchObject({
      code: 'SOLUTION_RELATIONSHIPS_DISAGREE',
      message: expect.stringContaining('owner_rowback_request'),
    });
  });

  test('a file in the folder of another kind of component', async () => {
    await cp(
      join(folder, 'src/Roles/Rowback User.xml'),
      join(folder, 'src/AppModules/rowback_Rowback/AppModule.xml'),
    );
    await expect(packCopy()).rejects.toMatchObject({ code: 'SOLUTION_ROOT_UNEXPECTED' });
  });

  test('a section that the skeleton does not have', async () => {
    await change('src/Other/Customizations.xml', '<AppModules />', '');
    await expect(packCopy()).rejects.toMatchObject({ code: 'SOLUTION_SECTION_MISSING' });
  });
});
