import { chromium, type Browser, type Locator, type Page } from 'playwright-core';

/**
 * What a person does on the form page, step by step, for browser tests and pictures. Everything is found as a person or
 * a screen reader finds it: by role and words.
 */

/** Chromium as it runs in a container without a screen. Fails with the path when it is not installed. */
export function launchBrowser(
  executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
): Promise<Browser> {
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}

const answerMs = 60_000;

/** Opens a record's form and waits until its name is there. `url` is the whole address, as `formUrl` gives it. */
export async function openForm(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByRole('tab', { name: 'Backup history' }).waitFor({ timeout: answerMs });
}

/** Writes a value into a text or number column of the Summary tab, and saves. `column` is its logical name. */
export async function overwriteField(page: Page, column: string, value: string): Promise<void> {
  await page.getByRole('tab', { name: 'Summary' }).click();
  const field = fieldOf(page, column);
  await field.fill(value);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('· saved').waitFor({ timeout: answerMs });
}

/** The value that the Summary tab shows, read again from Dataverse. */
export async function readField(page: Page, column: string): Promise<string> {
  await page.getByRole('tab', { name: 'Summary' }).click();
  await page.getByRole('button', { name: 'Refresh', exact: true }).first().click();
  await page.waitForLoadState('networkidle');
  return fieldOf(page, column).inputValue();
}

const fieldOf = (page: Page, column: string): Locator =>
  page.locator(`[data-column="${column}"]`).locator('input, textarea, select').first();

/** Opens the tab and asks for the history; ends when the versions are there. */
export async function openHistory(page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'Backup history' }).click();
  await page.getByRole('button', { name: 'Show backup history' }).click();
  await timeline(page).getByRole('button').first().waitFor({ timeout: answerMs });
}

export const timeline = (page: Page): Locator => page.getByRole('navigation', { name: 'Versions' });

/** Chooses the n-th version from the newest (0), and waits for the comparison and the plan behind its ticks. */
export async function chooseVersion(page: Page, index: number): Promise<void> {
  await timeline(page).locator('li').nth(index).getByRole('button').click();
  await difference(page).or(page.getByText('Nothing differs')).first().waitFor({ timeout: answerMs });
  await page
    .getByText('Working out what would be put back')
    .first()
    .waitFor({ state: 'hidden', timeout: answerMs });
}

export const difference = (page: Page): Locator =>
  page.getByRole('table', { name: /^Differences/ }).or(page.getByRole('list', { name: /^Differences/ }));

/** Ticks or unticks a column by its label. */
export async function tickColumn(page: Page, label: string, isTicked: boolean): Promise<void> {
  await page.getByRole('checkbox', { name: `Put back ${label}`, exact: true }).setChecked(isTicked);
}

/** Labels of the ticked columns, in the order of the screen. */
export async function tickedLabels(page: Page): Promise<string[]> {
  const labels: string[] = [];
  for (const box of await page.getByRole('checkbox', { name: /^Put back / }).all()) {
    if (await box.isChecked())
      labels.push(((await box.getAttribute('aria-label')) ?? '').replace(/^Put back /, ''));
  }
  return labels;
}

/** Presses the restore button; ends with the question on screen and its plan read. */
export async function askToRestore(page: Page): Promise<Locator> {
  await page
    .getByRole('region', { name: 'Backup history' })
    .getByRole('button', { name: /^Restore/ })
    .click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByRole('button', { name: /^Restore/, disabled: false }).waitFor({ timeout: answerMs });
  return dialog;
}

/** Answers the question with yes, and returns the sentence that says what became of it. */
export async function confirmRestore(page: Page): Promise<string> {
  await page
    .getByRole('alertdialog')
    .getByRole('button', { name: /^Restore/ })
    .click();
  return readResult(page);
}

export async function restoreTicked(page: Page): Promise<string> {
  await askToRestore(page);
  return confirmRestore(page);
}

/** Undoes the restore whose result is on screen. */
export async function undoRestore(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await page.getByText('Undoing…').first().waitFor({ state: 'hidden', timeout: answerMs });
  return readResult(page);
}

const resultWords =
  /^(Restored|Undone|Nothing was restored|The restore was not done|The undo was not done|It is not known)/;

async function readResult(page: Page): Promise<string> {
  const sentence = page.getByText(resultWords).first();
  await sentence.waitFor({ timeout: answerMs });
  return (await sentence.innerText()).trim();
}
