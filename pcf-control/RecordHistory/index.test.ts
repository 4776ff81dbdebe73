import { act, fireEvent, render, screen } from '@testing-library/react';
import { fakeHost } from '../test-support/fake-host';
import { RecordHistory } from './index';

afterEach(() => jest.useRealTimers());

test('init and updateView fetch nothing, and the same element type comes back each time', () => {
  const host = fakeHost();
  const control = new RecordHistory();
  control.init(host.context);
  const first = control.updateView(host.context);
  const second = control.updateView(fakeHost().context);
  expect(second.type).toBe(first.type);
  expect(host.calls).toEqual([]);
  expect(host.context.mode.trackContainerResize).toHaveBeenCalledWith(true);
  expect(control.getOutputs()).toEqual({});
  control.destroy();
});

test('another updateView keeps what is on screen and asks nothing again', async () => {
  const host = fakeHost({ answer: () => null });
  const control = new RecordHistory();
  control.init(host.context);
  const view = render(control.updateView(host.context));
  fireEvent.click(screen.getByRole('button', { name: 'Show backup history' }));
  await act(async () => undefined);
  const calls = [...host.calls];
  view.rerender(control.updateView({ ...host.context }));
  expect(screen.getByText('Reading the backup history…')).toBeTruthy();
  expect(host.calls).toEqual(calls);
  view.unmount();
  control.destroy();
});

test('leaving the form while a poll waits leaves no timer behind and asks nothing more', async () => {
  jest.useFakeTimers();
  const host = fakeHost({ answer: () => null });
  const control = new RecordHistory();
  control.init(host.context);
  const view = render(control.updateView(host.context));
  fireEvent.click(screen.getByRole('button', { name: 'Show backup history' }));
  await act(async () => undefined);
  await act(async () => jest.advanceTimersByTime(400));
  const calls = host.calls.length;
  expect(jest.getTimerCount()).toBeGreaterThan(0);
  view.unmount();
  control.destroy();
  // React's own scheduler may hold one that is not ours and repeats nothing.
  await jest.advanceTimersByTimeAsync(300_000);
  expect(jest.getTimerCount()).toBe(0);
  expect(host.calls).toHaveLength(calls);
});

test('another record starts from nothing', async () => {
  const control = new RecordHistory();
  const first = fakeHost();
  control.init(first.context);
  const view = render(control.updateView(first.context));
  fireEvent.click(screen.getByRole('button', { name: 'Show backup history' }));
  expect(await screen.findByRole('navigation', { name: 'Versions' })).toBeTruthy();
  const other = fakeHost({ record: { table: 'account', id: 'b0000000-0000-4000-8000-00000000000b' } });
  view.rerender(control.updateView(other.context));
  expect(screen.getByRole('button', { name: 'Show backup history' })).toBeTruthy();
  expect(other.calls).toEqual([]);
});
