/** @jest-environment node */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { startHarness, type Harness } from '../harness/server';
import * as form from './form-page';
import { startStandIn } from './stand-in';
import { accountId, deletedId } from './stand-in-data';

/**
 * The production bundle in a real browser, under the host's content policy, on the platform's own libraries. Answers are
 * fixed; the whole way with a real backend is tested where the backend is.
 */

const chromium = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
// A machine with Node alone has no browser; the build servers have one.
const inBrowser = existsSync(chromium) ? describe : describe.skip;

inBrowser('the control on a form', () => {
  let standIn: Awaited<ReturnType<typeof startStandIn>>;
  let harness: Harness;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    standIn = await startStandIn();
    harness = await startHarness({
      dataverseUrl: standIn.url,
      tokenFor: () => Promise.resolve('token'),
      port: 0,
      host: '127.0.0.1',
      start: { table: 'account', id: accountId },
    });
    browser = await form.launchBrowser(chromium);
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await harness.close();
    await standIn.close();
  });
  const open = async (id: string, query = '') => {
    page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' });
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await form.openForm(page, harness.formUrl('account', id) + query);
  };
  afterEach(async () => {
    await page.close();
    complaints.length = 0;
  });

  test('a field is saved, and columns are put back and taken back with the mouse', async () => {
    await open(accountId);
    await form.overwriteField(page, 'address1_city', 'Klosters');
    expect(await form.readField(page, 'address1_city')).toBe('Klosters');
    await form.openHistory(page);
    await form.chooseVersion(page, 1);
    expect(await form.tickedLabels(page)).toEqual(['Payment terms', 'Primary contact', 'Credit limit']);
    await form.tickColumn(page, 'Credit limit', false);
    await form.askToRestore(page);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Cancel');
    expect(await form.confirmRestore(page)).toMatch(/^Restored 2 columns at/);
    expect(await form.undoRestore(page)).toMatch(/^Undone at/);
    expect(complaints).toEqual([]);
  }, 60_000);

  test('everything is reached by keyboard, and the focus comes back to where it was', async () => {
    await open(accountId);
    await page.getByRole('tab', { name: 'Backup history' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await form.timeline(page).getByRole('button').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByText('3 of 5').waitFor();
    const restore = page.getByRole('button', { name: 'Restore 3 columns' });
    await restore.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('alertdialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    expect(await restore.evaluate((button) => button === document.activeElement)).toBe(true);
  }, 60_000);

  test.each([
    ['light', ''],
    ['dark', '&dark=1'],
    ['right to left', '&rtl=1'],
  ])(
    'axe finds nothing wrong in the control, contrast included (%s)',
    async (_name, query) => {
      await open(accountId, query);
      await form.openHistory(page);
      await form.chooseVersion(page, 1);
      await page.evaluate(readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8'));
      const findings = await page.evaluate(async () => {
        type Found = { violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] };
        const { axe } = globalThis as unknown as { axe: { run(context: object): Promise<Found> } };
        const { violations } = await axe.run({
          include: ['section[aria-label="Backup history"]'],
          // Invisible stops for the Tab key that the platform's focus library sets.
          exclude: ['[data-tabster-dummy]'],
        });
        return violations.flatMap(({ id, nodes }) =>
          nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
        );
      });
      expect(findings).toEqual([]);
    },
    60_000,
  );

  test('a deleted record is opened by its id, and offers to come back', async () => {
    await open(deletedId);
    await form.openHistory(page);
    await page.getByRole('button', { name: 'Restore record' }).waitFor();
    expect(await page.getByText('not in Dataverse any more').count()).toBe(1);
  }, 60_000);

  test('another page cannot borrow the token, nor can a foreign host name', async () => {
    await open(accountId);
    const path = `${harness.url}/api/data/v9.2/WhoAmI`;
    expect((await fetch(path, { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
    expect((await fetch(path, { method: 'PUT' })).status).toBe(405);
    const foreign = await page.request.get(path, { headers: { host: 'evil.example' } });
    expect(foreign.status()).toBe(421);
  });
});
