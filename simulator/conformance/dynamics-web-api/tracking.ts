import { deepEqual, equal, match } from 'node:assert/strict';
import type { ClientBench } from './client.ts';

type Row = Record<string, unknown>;

export async function checkTracking({ checks, client, api }: ClientBench): Promise<void> {
  const request = { collection: 'demo_events', select: ['demo_name'], trackChanges: true };
  await checks.check(
    'trackChanges ends with a delta link, and the link shows what changed since',
    async () => {
      const kept = await api.create('demo_events', { demo_name: 'Kept' });
      const gone = await api.create('demo_events', { demo_name: 'Gone' });
      const all = await client.retrieveAll<Row>({ ...request, maxPageSize: 2 });
      match(String(all.oDataDeltaLink), /\$deltatoken=/);
      const made = await api.create('demo_events', { demo_name: 'Made' });
      await api.call('PATCH', `demo_events(${kept})`, { body: { demo_name: 'Changed' } });
      await api.call('DELETE', `demo_events(${gone})`);
      const since = await client.retrieveMultiple<Row>(request, all.oDataDeltaLink);
      deepEqual(
        Object.fromEntries(
          since.value.map((row) => [row['demo_eventid'] ?? row['id'], row['demo_name'] ?? row['reason']]),
        ),
        { [made]: 'Made', [kept]: 'Changed', [gone]: 'deleted' },
      );
      const last = since.value.at(-1);
      match(String(last?.['@odata.context'] ?? last?.['oDataContext']), /\$deletedEntity$/);
      const after = await client.retrieveMultiple<Row>(request, String(since.oDataDeltaLink));
      equal(after.value.length, 0);
    },
  );
}
