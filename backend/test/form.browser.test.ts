import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as form from '@rowback/pcf-control/browser';
import type { Browser, Page } from 'playwright-core';
import type { Outsider, RawRow } from '../demo/outsider.ts';
import { root } from '../demo/project-folder.ts';
import { startServices, type DemoUser, type Services } from '../demo/services.ts';
import { findChromium } from './support/chromium.ts';
import { backUp, idOf, onlyRow, People } from './support/form-people.ts';

/**
 * The form as people use it, through every part: browser, control, request rows, backend, storage, pretend Dataverse.
 * With ROWBACK_PICTURES=<folder> each step leaves a picture there: `npm run pictures` makes those of docs/images.
 */
const chromium = findChromium();
const inBrowser = chromium === null ? describe.skip : describe;
const why = chromium === null ? ' (skipped: no Chromium; install it or set CHROMIUM_PATH)' : '';
const pictures = process.env['ROWBACK_PICTURES'];

/** What the forms show, and what hangs from it. */
const tables = ['account', 'annotation', 'businessunit', 'contact', 'demo_sample', 'systemuser'];

let services: Services;
let people: People;
let administrator: Outsider;
let importer: Outsider;
let mira: DemoUser;
let browser: Browser;
let page: Page;
/** Where each person's form page is. */
const pages = new Map<string, string>();
const complaints: string[] = [];
let company: string;
let sample: RawRow;

const good = {
  name: 'Alpine Ski House',
  telephone1: '+41 44 555 0100',
  creditlimit: 250_000,
  paymenttermscode: 3,
};

beforeAll(async () => {
  if (chromium === null) return;
  [services, browser] = await Promise.all([
    startServices({ apiPort: 0, tables }),
    form.launchBrowser(chromium),
  ]);
  if (pictures !== undefined) await mkdir(join(root, pictures), { recursive: true });
  people = new People(services);
  administrator = await people.as(services.people.administrator);
  importer = await people.as(services.people.importer);
  mira = people.named('Mira Falk');
  await people.letUseForms(mira);
  await prepare();
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await services?.stop();
});
afterEach(async () => {
  await page.close();
  expect(complaints.splice(0)).toEqual([]);
});

/** Mira's company and a sample of her unit are backed up; then an import spoils both, which the next backup reads. */
async function prepare(): Promise<void> {
  const own = await people.as(mira);
  const contact = idOf(await own.send('POST', 'contacts', { firstname: 'Amira', lastname: 'Haddad' }));
  company = idOf(
    await own.send('POST', 'accounts', {
      ...good,
      address1_city: 'Davos',
      'primarycontactid@odata.bind': `/contacts(${contact})`,
    }),
  );
  await own.send('POST', 'annotations', {
    subject: 'Contract',
    notetext: 'Signed in Davos.',
    'objectid_account@odata.bind': `/accounts(${company})`,
  });
  const { _businessunitid_value: unit } = await administrator.get(`systemusers(${mira.systemuserid})`);
  sample = await onlyRow(
    administrator,
    `demo_samples?$filter=_owningbusinessunit_value eq ${String(unit)} and demo_secret ne null&$top=1`,
  );
  await backUp(services);
  await importer.send('PATCH', `accounts(${company})`, {
    creditlimit: 0,
    paymenttermscode: 1,
    'primarycontactid@odata.bind': null,
  });
  await importer.send('PATCH', `demo_samples(${String(sample['demo_sampleid'])})`, {
    demo_phone: '000',
    demo_secret: 'spoilt',
  });
  await backUp(services);
}

type Look = { width?: number; height?: number; query?: string };

async function open(user: DemoUser, table: string, id: string, look: Look = {}): Promise<void> {
  page = await browser.newPage({
    viewport: { width: look.width ?? 1280, height: look.height ?? 800 },
    reducedMotion: 'reduce',
  });
  // A refusal of Dataverse is part of the story; the browser writes it to its console as well.
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  const start =
    pages.get(user.systemuserid) ?? (await services.formPage(user, { table: 'account', id: company }, 0));
  pages.set(user.systemuserid, start);
  const url = new URL(`/main.aspx?etn=${table}&id=${id}&pagetype=entityrecord${look.query ?? ''}`, start);
  await page.goto(url.href);
}

async function picture(name: string): Promise<void> {
  if (pictures === undefined) return;
  await page.waitForTimeout(400);
  await page.screenshot({ path: join(root, pictures, `form-${name}.png`) });
}

/** What Dataverse holds, read past all of our code. */
const live = (columns: string): Promise<RawRow> =>
  administrator.get(`accounts(${company})?$select=${columns}`);
const spoilt = 'creditlimit,paymenttermscode,_primarycontactid_value';
const text = (row: RawRow): Record<string, string> =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value)]));

inBrowser(`the form${why}`, () => {
  test('shows what an import spoilt, and puts it back and takes it back', async () => {
    await open(mira, 'account', company);
    await page.getByRole('heading', { name: good.name }).waitFor();
    const phone = page.locator('[data-column="telephone1"] input');
    await phone.click();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('+41 44 555 0199');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('· saved').waitFor();
    expect(text(await live('telephone1,creditlimit'))).toMatchObject({ telephone1: '+41 44 555 0199' });
    await picture('summary');

    await page.getByRole('tab', { name: 'Backup history' }).click();
    await page.getByRole('button', { name: 'Show backup history' }).waitFor();
    await picture('start');
    await form.openHistory(page);
    await picture('versions');
    await form.chooseVersion(page, 1);
    await page.getByText('3 of 4').waitFor();
    await picture('difference');
    // The phone was changed by hand after the newest backup: it is kept unless somebody ticks it.
    expect((await form.tickedLabels(page)).sort()).toEqual([
      'Credit Limit',
      'Payment Terms',
      'Primary Contact',
    ]);

    await page.getByRole('button', { name: 'Preview effects' }).click();
    const preview = page.getByRole('dialog');
    await preview.getByText('250,000').first().waitFor();
    await picture('preview');
    await preview.getByRole('button', { name: 'Close' }).click();
    await form.askToRestore(page);
    await picture('confirm');
    expect(await form.confirmRestore(page)).toMatch(/^Restored 3 columns at/);
    await page.getByText('Working out what would be put back').waitFor({ state: 'hidden' });
    await picture('result');
    expect(text(await live(spoilt))).toMatchObject({
      creditlimit: expect.stringMatching(/^250000(\.0+)?$/),
      paymenttermscode: '3',
      _primarycontactid_value: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect((await live('_modifiedby_value'))['_modifiedby_value']).toBe(mira.systemuserid);
    expect(Number(await form.readField(page, 'creditlimit'))).toBe(250_000);
    await picture('restored');

    await page.getByRole('tab', { name: 'Backup history' }).click();
    expect(await form.undoRestore(page)).toMatch(/^Undone at/);
    await page.getByText('3 of 4').waitFor();
    await picture('undone');
    expect(text(await live(spoilt))).toMatchObject({
      creditlimit: expect.stringMatching(/^0(\.0+)?$/),
      paymenttermscode: '1',
      _primarycontactid_value: 'null',
    });
  }, 120_000);

  test('puts back with the keyboard alone, and what was kept where a person ticks it', async () => {
    await open(mira, 'account', company);
    await page.getByRole('tab', { name: 'Backup history' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Show backup history' }).focus();
    await page.keyboard.press('Enter');
    const versions = form.timeline(page).getByRole('button');
    await versions.first().waitFor();
    await versions.first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByText('3 of 4').waitFor();
    await page.getByRole('checkbox', { name: 'Put back Main Phone' }).focus();
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Restore 4 columns' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('alertdialog');
    await dialog.getByRole('button', { name: 'Restore 4 columns', disabled: false }).focus();
    await page.keyboard.press('Enter');
    await page
      .getByText(/^Restored 4 columns at/)
      .first()
      .waitFor();
    expect(text(await live('telephone1,paymenttermscode'))).toMatchObject({
      telephone1: good.telephone1,
      paymenttermscode: '3',
    });
  }, 120_000);

  test('brings a deleted record back with its id and its note', async () => {
    await backUp(services);
    await open(mira, 'account', company);
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('· not in Dataverse').waitFor();
    const notes = `annotations?$filter=_objectid_value eq ${company}&$select=subject,notetext`;
    expect((await administrator.get(notes))['value']).toEqual([]);
    await page.close();

    await open(mira, 'account', company);
    await form.openHistory(page);
    await page.getByRole('button', { name: 'Restore record' }).waitFor();
    await page.getByText('Working out what would be put back').waitFor({ state: 'hidden' });
    await picture('deleted');
    await form.askToRestore(page);
    await picture('deleted-confirm');
    expect(await form.confirmRestore(page)).toMatch(/^Restored the record at/);
    await picture('deleted-result');
    expect(text(await live('name,telephone1'))).toMatchObject({
      name: good.name,
      telephone1: good.telephone1,
    });
    expect(await onlyRow(administrator, notes)).toMatchObject({
      subject: 'Contract',
      notetext: 'Signed in Davos.',
    });
  }, 120_000);
});

inBrowser(`the form of a person with few rights${why}`, () => {
  test('never shows a column that column security hides', async () => {
    const id = String(sample['demo_sampleid']);
    await open(mira, 'demo_sample', id);
    await form.openHistory(page);
    await form.chooseVersion(page, 1);
    const shown = await form.difference(page).innerText();
    expect(shown).toContain('000');
    expect(shown).not.toContain('Secret');
    expect(await page.content()).not.toContain(String(sample['demo_secret']));
    await page.close();

    await open(services.people.administrator, 'demo_sample', id);
    await form.openHistory(page);
    await form.chooseVersion(page, 1);
    expect(await form.difference(page).innerText()).toContain(String(sample['demo_secret']));
  }, 120_000);

  test('refuses a record of another business unit, live or deleted', async () => {
    const { _businessunitid_value: unit } = await administrator.get(`systemusers(${mira.systemuserid})`);
    const foreign = await onlyRow(
      administrator,
      `accounts?$filter=_owningbusinessunit_value ne ${String(unit)}&$select=accountid&$top=1`,
    );
    const id = String(foreign['accountid']);
    await open(mira, 'account', id);
    await page
      .getByText(/prvReadAccount|permission|access/i)
      .first()
      .waitFor();
    expect(await page.getByRole('tab', { name: 'Backup history' }).count()).toBe(0);
    await page.close();

    await administrator.send('DELETE', `accounts(${id})`);
    await open(mira, 'account', id);
    await page.getByRole('button', { name: 'Show backup history' }).click();
    await page.getByText('You may not see the backups of this record').waitFor();
    expect(await page.getByRole('navigation', { name: 'Versions' }).count()).toBe(0);
    await picture('refused');
  }, 120_000);

  test('says which role is missing', async () => {
    const teo = people.named('Teo Marchetti');
    await open(teo, 'account', company);
    await page.getByRole('tab', { name: 'Backup history' }).click();
    await page.getByRole('button', { name: 'Show backup history' }).click();
    await page.getByText('You need the security role Rowback User').waitFor();
    await picture('role-missing');
  }, 120_000);
});

inBrowser(`the form on other screens${why}`, () => {
  test.each([
    ['narrow', { width: 420, height: 900 }],
    ['dark', { query: '&dark=1' }],
  ])(
    'is usable %s',
    async (name, look: Look) => {
      const id = String(sample['demo_sampleid']);
      await open(mira, 'demo_sample', id, look);
      await form.openHistory(page);
      await form.chooseVersion(page, 1);
      await page.getByRole('button', { name: /^Restore \d/ }).waitFor();
      await picture(name);
      const root = 'document.documentElement';
      expect(await page.evaluate<number>(`${root}.scrollWidth - ${root}.clientWidth`)).toBe(0);
    },
    120_000,
  );
});
