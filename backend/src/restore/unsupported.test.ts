import { whyUnsupported } from './unsupported.ts';

test('what only the scheduling service may write is refused, plans themselves are not', () => {
  expect(whyUnsupported({ table: 'msdyn_projecttask', kind: 'standard' })).toMatch(/scheduling service/);
  expect(whyUnsupported({ table: 'msdyn_project', kind: 'standard' })).toBeNull();
  expect(whyUnsupported({ table: 'task', kind: 'activity' })).toBeNull();
});

test('elastic tables are refused', () => {
  expect(whyUnsupported({ table: 'new_events', kind: 'elastic' })).toMatch(/identity/);
});
