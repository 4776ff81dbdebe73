import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { startHarness } from '../harness/server.ts';
import * as form from './form-page.ts';
import { accountId, brokenId, deletedId, emptyId } from './stand-in-data.ts';
import { startStandIn } from './stand-in.ts';

/** Pictures of every screen of the control: `node dist/browser/take-pictures.js [folder [screen …]]`. */
const folder = process.argv[2] ?? 'pictures';
await mkdir(folder, { recursive: true });
const standIn = await startStandIn();
const harness = await startHarness({
  dataverseUrl: standIn.url,
  tokenFor: () => Promise.resolve('token'),
  port: 0,
  host: '127.0.0.1',
  start: { table: 'account', id: accountId },
});
const browser = await form.launchBrowser();

type Size = { width: number; height: number };
const wide: Size = { width: 1280, height: 860 };
const narrow: Size = { width: 420, height: 1280 };

type Look = { forcedColors?: 'active' };

async function open(id: string, size: Size, query = '', look: Look = {}): Promise<Page> {
  const page = await browser.newPage({ viewport: size, reducedMotion: 'reduce', ...look });
  page.on(
    'console',
    (message) => message.type() === 'error' && process.stderr.write(`${id}: ${message.text()}\n`),
  );
  page.on('pageerror', (error) => process.stderr.write(`${id}: ${error.message}\n`));
  await form.openForm(page, `${harness.formUrl('account', id)}${query}`);
  return page;
}
const shoot = async (page: Page, name: string): Promise<void> => {
  await page.waitForTimeout(300);
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
};

async function story(size: Size, name: string, query = ''): Promise<void> {
  const page = await open(accountId, size, query);
  await shoot(page, `${name}-summary`);
  await page.getByRole('tab', { name: 'Backup history' }).click();
  await shoot(page, `${name}-idle`);
  await page.getByRole('button', { name: 'Show backup history' }).click();
  await shoot(page, `${name}-loading`);
  await form.timeline(page).getByRole('button').first().waitFor();
  await form.chooseVersion(page, 1);
  await shoot(page, `${name}-difference`);
  await page.getByRole('button', { name: 'Preview effects' }).click();
  await page.getByRole('button', { name: 'Continue' }).waitFor();
  await shoot(page, `${name}-preview`);
  await page.getByRole('button', { name: 'Close' }).click();
  await form.tickColumn(page, 'Main phone', true);
  await form.askToRestore(page);
  await shoot(page, `${name}-confirm`);
  await form.confirmRestore(page);
  await page.waitForTimeout(3500);
  await shoot(page, `${name}-result`);
  await page.close();
}

/** The comparison with a version, under a setting of its own. */
async function chosen(name: string, query: string, size: Size = wide, look: Look = {}): Promise<void> {
  const page = await open(accountId, size, query, look);
  await page.getByRole('tab', { name: 'Backup history' }).click();
  await page.getByRole('button', { name: /Show backup history|Sicherungsverlauf anzeigen/ }).click();
  await page.locator('nav li').nth(1).getByRole('button').click();
  await page
    .getByText(/\+41 44 555 0188/)
    .first()
    .waitFor();
  await page.waitForTimeout(3000);
  await shoot(page, name);
  await page.close();
}

async function single(id: string, name: string, query = ''): Promise<void> {
  const page = await open(id, wide, query);
  await page.getByRole('tab', { name: 'Backup history' }).click();
  await page.getByRole('button', { name: /Show backup history|Sicherungsverlauf anzeigen/ }).click();
  await page.waitForTimeout(4500);
  await shoot(page, name);
  await page.close();
}

const screens: Record<string, () => Promise<void>> = {
  wide: () => story(wide, 'wide'),
  narrow: () => story(narrow, 'narrow'),
  dark: () => story(wide, 'dark', '&dark=1'),
  empty: () => single(emptyId, 'empty'),
  error: () => single(brokenId, 'error'),
  deleted: () => single(deletedId, 'deleted'),
  rtl: () => single(accountId, 'rtl', '&rtl=1'),
  german: () => single(accountId, 'german', '&lang=1031'),
  'read-only': () => chosen('read-only', '&readonly=1'),
  'german-difference': () => chosen('german-difference', '&lang=1031'),
  'rtl-difference': () => chosen('rtl-difference', '&rtl=1'),
  // 1280 pixels at 400 %.
  zoom: () => chosen('zoom', '', { width: 320, height: 1280 }),
  contrast: () => chosen('contrast', '', wide, { forcedColors: 'active' }),
};
const wanted = process.argv.slice(3);

try {
  for (const [name, take] of Object.entries(screens)) {
    if (wanted.length === 0 || wanted.includes(name)) await take();
  }
} finally {
  await browser.close();
  await harness.close();
  await standIn.close();
}
