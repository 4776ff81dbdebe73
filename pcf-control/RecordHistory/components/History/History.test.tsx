import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { deletedId, emptyId } from '../../../browser/stand-in-data';
import { accessibilityFindings } from '../../../test-support/axe';
import { backendAnswer, fakeHost, type FakeHostOptions } from '../../../test-support/fake-host';
import { renderControl } from '../../../test-support/render-control';

const show = () => fireEvent.click(screen.getByRole('button', { name: 'Show backup history' }));

async function open(options: FakeHostOptions = {}) {
  const host = fakeHost(options);
  const view = renderControl(host);
  show();
  await screen.findByRole('navigation', { name: 'Versions' });
  return { host, view };
}

const versions = () => within(screen.getByRole('navigation', { name: 'Versions' })).getAllByRole('listitem');
const choose = (at: number) => fireEvent.click(within(versions()[at]!).getByRole('button'));

test('nothing is asked before the user asks', () => {
  const host = fakeHost();
  renderControl(host);
  expect(screen.getByText('See what this record looked like before')).toBeTruthy();
  expect(host.calls).toEqual([]);
});

test('versions stand under their day, newest first, below the live record', async () => {
  await open();
  const timeline = screen.getByRole('navigation', { name: 'Versions' });
  const headings = within(timeline).getAllByRole('heading');
  expect(headings[0]?.textContent).toBe('Now');
  expect(within(timeline).getByText('Live record')).toBeTruthy();
  expect(within(timeline).getByText(/^saved by you/)).toBeTruthy();
  expect(versions().map((item) => item.textContent?.replace(/^\d\d:\d\d/, ''))).toEqual([
    'Import service account4 columns',
    'Maya Chen1 column',
    'Maya Chen2 columns',
    'Jonas Bergcreated',
  ]);
  expect(screen.getByText(/Last backup 4 minutes ago · 12 versions kept/)).toBeTruthy();
});

test('a chosen version stands beside the live row, with the columns ticked that the plan restores', async () => {
  await open();
  choose(1);
  const table = await screen.findByRole('table', { name: /^Differences between the version/ });
  expect(within(versions()[1]!).getByRole('button').getAttribute('aria-current')).toBe('true');
  await screen.findByText(/^3 of 5$/);
  const ticks = within(table).getAllByRole('checkbox') as HTMLInputElement[];
  expect(ticks.map((tick) => [tick.getAttribute('aria-label'), tick.checked, tick.disabled])).toEqual([
    ['Put back Payment terms', true, false],
    ['Put back Primary contact', true, false],
    ['Put back Credit limit', true, false],
    ['Put back Main phone', false, false],
    ['Put back Rating', false, true],
  ]);
  expect(within(table).getByText(/It stays unless you tick it/)).toBeTruthy();
  expect(within(table).getByText('Not in this backup')).toBeTruthy();
  expect(within(table).queryByText('Website')).toBeNull();
});

test('the switch shows columns that are equal, too', async () => {
  await open();
  choose(1);
  await screen.findByRole('table');
  fireEvent.click(screen.getByRole('switch', { name: 'Changed columns only' }));
  expect(screen.getByRole('rowheader', { name: 'Website' })).toBeTruthy();
});

test('a restore asks first, naming record, version and number, with the safe button first', async () => {
  const { host } = await open();
  choose(1);
  await screen.findByText('3 of 5');
  fireEvent.click(screen.getByRole('button', { name: 'Restore 3 columns' }));
  const dialog = await screen.findByRole('alertdialog');
  expect(within(dialog).getByText(/Alpine Ski House: 3 columns are put back as they were/)).toBeTruthy();
  expect(
    within(dialog)
      .getAllByRole('button')
      .map(({ textContent }) => textContent),
  ).toEqual(['Cancel', 'Restore 3 columns']);
  expect(host.inputs.map(({ kind }) => kind)).toEqual(['history', 'compare', 'plan']);
  fireEvent.click(within(dialog).getByRole('button', { name: 'Cancel' }));
  await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
  expect(host.inputs).toHaveLength(3);
});

test('ticking another column makes the plan again for exactly the ticked ones', async () => {
  const { host } = await open();
  choose(1);
  await screen.findByText('3 of 5');
  fireEvent.click(screen.getByRole('checkbox', { name: 'Put back Main phone' }));
  fireEvent.click(screen.getByRole('checkbox', { name: 'Put back Credit limit' }));
  fireEvent.click(screen.getByRole('button', { name: 'Restore 3 columns' }));
  const dialog = await screen.findByRole('alertdialog');
  await within(dialog).findByText('What else happens');
  expect(host.inputs[host.inputs.length - 1]).toEqual({
    kind: 'plan',
    version: '811',
    columns: ['paymenttermscode', 'primarycontactid', 'telephone1'],
  });
});

test('a restore ends with what became of each column, reads the record again, and can be undone', async () => {
  const { host } = await open();
  choose(1);
  await screen.findByText('3 of 5');
  fireEvent.click(screen.getByRole('button', { name: 'Restore 3 columns' }));
  fireEvent.click(
    within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Restore 3 columns' }),
  );
  const [sentence] = await screen.findAllByText(/^Restored 3 columns at/);
  await waitFor(() => expect(document.activeElement).toBe(sentence));
  expect(screen.getByText('Nothing else was changed.')).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Show details' }));
  expect(screen.getAllByText('restored')).toHaveLength(3);
  await waitFor(() =>
    expect(
      host.inputs
        .slice(3)
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(['compare', 'history', 'plan', 'restore']),
  );
  fireEvent.click(screen.getByRole('button', { name: 'Refresh the form' }));
  expect(host.openForm).toHaveBeenCalledWith({
    entityName: 'account',
    entityId: 'a0000000-0000-4000-8000-00000000000a',
  });
  fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
  expect((await screen.findAllByText(/^Undone at/)).length).toBeGreaterThan(0);
  expect(host.inputs.filter(({ kind }) => kind === 'undo')).toHaveLength(1);
});

test('a column that failed is shown at once with the reason, never as success', async () => {
  const { finishedRestore } = jest.requireActual<typeof import('../../../test-support/fake-host')>(
    '../../../test-support/fake-host',
  );
  const answer = backendAnswer();
  await open({
    answer: (id, input) => {
      const result = answer(id, input);
      if (result?.ok !== true || result.kind !== 'restore') return result;
      return { ...result, data: finishedRestore(result.data.plan, 'creditlimit') };
    },
  });
  choose(1);
  await screen.findByText('3 of 5');
  fireEvent.click(screen.getByRole('button', { name: 'Restore 3 columns' }));
  fireEvent.click(
    within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Restore 3 columns' }),
  );
  expect((await screen.findAllByText(/^Restored 2 columns at/)).length).toBeGreaterThan(0);
  expect(screen.getByText('1 failed')).toBeTruthy();
  expect(screen.getByText('A plug-in refused it.')).toBeTruthy();
});

test('the preview writes nothing, and leads on to the question', async () => {
  const { host } = await open();
  choose(1);
  await screen.findByText('3 of 5');
  fireEvent.click(screen.getByRole('button', { name: 'Preview effects' }));
  const dialog = await screen.findByRole('dialog');
  expect(within(dialog).getByText(/flows that watch this table start/)).toBeTruthy();
  fireEvent.click(within(dialog).getByRole('button', { name: 'Continue' }));
  expect(await screen.findByRole('alertdialog')).toBeTruthy();
  expect(host.inputs.some(({ kind }) => kind === 'restore')).toBe(false);
});

test('a deleted record, named by bound columns, shows its last values and comes back whole', async () => {
  const { host } = await open({
    record: { table: 'rowback_restore', id: '' },
    boundId: deletedId,
    boundTable: 'account',
  });
  expect(screen.getByText('Deleted')).toBeTruthy();
  fireEvent.click(await screen.findByRole('button', { name: 'Restore record' }));
  const dialog = await screen.findByRole('alertdialog');
  expect(within(dialog).getByText(/Blue Yonder Airlines is created again with its own ID/)).toBeTruthy();
  expect(within(dialog).getByText('contract-2026.pdf')).toBeTruthy();
  expect(within(dialog).getByText('What happens: leave it empty')).toBeTruthy();
  expect(within(dialog).getByText('Or: restore the contact first')).toBeTruthy();
  fireEvent.click(within(dialog).getByRole('button', { name: 'Restore record' }));
  expect((await screen.findAllByText(/^Restored the record at/)).length).toBeGreaterThan(0);
  expect(host.inputs.filter(({ kind }) => kind === 'plan')[0]).toEqual({ kind: 'plan', version: '905' });
});

test('a tombstone is not compared: it leads to the version before', async () => {
  await open({ record: { table: 'rowback_restore', id: '' }, boundId: deletedId, boundTable: 'account' });
  await screen.findByRole('button', { name: 'Restore record' });
  choose(0);
  expect(screen.queryByRole('button', { name: 'Restore record' })).toBeNull();
  fireEvent.click(screen.getByRole('button', { name: 'Show the version before' }));
  expect(await screen.findByRole('button', { name: 'Restore record' })).toBeTruthy();
});

test('a read-only form compares, but offers no restore and plans nothing', async () => {
  const { host } = await open({ isDisabled: true });
  choose(1);
  await screen.findByRole('table');
  expect(screen.getByText(/This form is read-only/)).toBeTruthy();
  expect(screen.queryByRole('checkbox')).toBeNull();
  expect(screen.queryByRole('button', { name: /^Restore/ })).toBeNull();
  expect(host.inputs.map(({ kind }) => kind)).toEqual(['history', 'compare']);
});

test('the read-only form of a request says nothing about the record that it names', async () => {
  await open({
    record: { table: 'rowback_request', id: '' },
    boundId: deletedId,
    boundTable: 'account',
    isDisabled: true,
  });
  expect(await screen.findByRole('button', { name: 'Restore record' })).toBeTruthy();
});

test('a keyboard goes on in the control: when the history comes, when a version leads to the one before', async () => {
  await open({ record: { table: 'rowback_restore', id: '' }, boundId: deletedId, boundTable: 'account' });
  const section = screen.getByRole('region', { name: 'Backup history' });
  expect(document.activeElement).toBe(section);
  await screen.findByRole('button', { name: 'Restore record' });
  choose(0);
  const before = screen.getByRole('button', { name: 'Show the version before' });
  before.focus();
  fireEvent.click(before);
  await screen.findByRole('button', { name: 'Restore record' });
  expect(document.activeElement).not.toBe(section);
  expect(section.contains(document.activeElement)).toBe(true);
});

test('a kept column says that it stays, and once it is ticked that it will be replaced', async () => {
  await open();
  choose(1);
  await screen.findByText('3 of 5');
  expect(screen.getByText(/after the import\. It stays unless you tick it\.$/)).toBeTruthy();
  fireEvent.click(screen.getByRole('checkbox', { name: 'Put back Main phone' }));
  expect(screen.getByText(/after the import\. It will be replaced\.$/)).toBeTruthy();
});

test('a screen reader hears how many columns differ', async () => {
  await open();
  choose(1);
  expect(await screen.findByText('5 columns differ.')).toBeTruthy();
});

test('a restore that nobody has heard of is not called undone', async () => {
  const answer = backendAnswer();
  await open({ answer: (id, input) => (input.kind === 'restore' ? null : answer(id, input)) });
  choose(1);
  await screen.findByText('3 of 5');
  fireEvent.click(screen.getByRole('button', { name: 'Restore 3 columns' }));
  fireEvent.click(
    within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Restore 3 columns' }),
  );
  const [sentence] = await screen.findAllByText(/^It is not known yet what became of the restore/);
  expect(sentence).toBeTruthy();
  expect(screen.getByText(/It may still be running/)).toBeTruthy();
});

test('a narrow control is a list, with both values named', async () => {
  await open({ widthPx: 420 });
  choose(1);
  const list = await screen.findByRole('list', { name: /^Differences/ });
  expect(list.textContent).toContain('Then: Net 45');
  expect(list.textContent).toContain('Now: Net 30');
});

test.each<[string, FakeHostOptions, string]>([
  ['offline', { isOffline: true }, 'You are offline'],
  ['empty', { record: { table: 'account', id: emptyId } }, 'No version of this record is in the backup yet'],
  [
    'never backed up',
    { answer: () => ({ ok: false, error: { code: 'record-not-in-backup', message: 'm', hint: 'h' } }) },
    'No version of this record is in the backup yet',
  ],
  [
    'not allowed',
    { answer: () => ({ ok: false, error: { code: 'not-allowed', message: 'm', hint: 'h' } }) },
    'You may not see the backups of this record',
  ],
  [
    'without a backend',
    { heartbeat: { errorCode: 0x80040217, message: 'gone' } },
    'Rowback has not reported from this environment yet.',
  ],
  [
    'without the role',
    { createError: { errorCode: 0x80040220, message: 'prv' } },
    'You may not see the backups of this record',
  ],
])('%s is a screen of its own', async (_name, options, words) => {
  renderControl(fakeHost(options));
  show();
  expect(await screen.findByText(words)).toBeTruthy();
});

test.each<[string, FakeHostOptions, string]>([
  ['a new row', { record: { table: 'account', id: '' } }, 'This record is not saved yet'],
  ['a host that does not name the record', { record: null }, 'This form does not say which record it shows'],
])('%s offers nothing to ask', (_name, options, words) => {
  renderControl(fakeHost(options));
  expect(screen.getByText(words)).toBeTruthy();
  expect(screen.queryByRole('button')).toBeNull();
});

test("an error shows the backend's message and hint, and can be tried again", async () => {
  const answer = backendAnswer();
  let isDown = true;
  const error = { code: 'storage-unreachable', message: 'The vault does not answer.', hint: 'Try later.' };
  renderControl(fakeHost({ answer: (id, input) => (isDown ? { ok: false, error } : answer(id, input)) }));
  show();
  expect(await screen.findByText('The vault does not answer.')).toBeTruthy();
  expect(screen.getByText('Try later.')).toBeTruthy();
  isDown = false;
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('navigation', { name: 'Versions' })).toBeTruthy();
});

test('axe finds nothing wrong, in the table, the list and the dialog', async () => {
  const wide = await open();
  choose(1);
  await screen.findByText('3 of 5');
  expect(await accessibilityFindings(document.body)).toEqual([]);
  fireEvent.click(screen.getByRole('button', { name: 'Restore 3 columns' }));
  await screen.findByRole('alertdialog');
  expect(await accessibilityFindings(document.body)).toEqual([]);
  wide.view.unmount();
  await open({ widthPx: 400 });
  choose(1);
  await screen.findByText('3 of 5');
  expect(await accessibilityFindings(document.body)).toEqual([]);
}, 60_000);
