import { deepEqual, equal, match } from 'node:assert/strict';
import { refusal, type ClientBench } from './client.ts';

type Row = Record<string, unknown>;

export async function checkBatches({ checks, client, api, make }: ClientBench): Promise<void> {
  await checks.check('a batch of reads answers each in turn', async () => {
    const account = await api.create('accounts', { name: 'In a batch' });
    client.startBatch();
    const queued = [
      client.retrieve({ collection: 'accounts', key: account, select: ['name'] }),
      client.retrieveMultiple({ collection: 'contacts', select: ['fullname'], top: 2 }),
      client.count({ collection: 'accounts', filter: "name eq 'In a batch'" }),
    ];
    const [row, page, count] = await client.executeBatch();
    await Promise.all(queued);
    deepEqual([row.name, page.value.length, count], ['In a batch', 2, 1]);
  });
  await checks.check('a change set with content ids links what it creates', async () => {
    client.startBatch();
    void client.create({
      collection: 'accounts',
      data: { name: 'Set 1' },
      contentId: '1',
      inChangeSet: true,
    });
    void client.create({
      collection: 'contacts',
      data: { lastname: 'Set 2', 'parentcustomerid_account@odata.bind': '$1' },
      contentId: '2',
      inChangeSet: true,
    });
    void client.associateSingleValued({
      contentId: '$1',
      navigationProperty: 'primarycontactid',
      relatedKey: '$2',
      inChangeSet: true,
    });
    const [account, contact] = await client.executeBatch();
    equal((await api.row(`contacts(${contact})`))._parentcustomerid_value, account);
    equal((await api.row(`accounts(${account})`))._primarycontactid_value, contact);
  });
  await checks.check('a change set that fails leaves nothing behind', async () => {
    client.startBatch();
    void client.create({ collection: 'accounts', data: { name: 'Never there' }, inChangeSet: true });
    void client.update({
      collection: 'accounts',
      key: '00000000-0000-4000-8000-00000000dead',
      data: { name: 'Nowhere' },
      inChangeSet: true,
    });
    const error = await refusal(client.executeBatch());
    match(JSON.stringify(error), /0x80040217/);
    equal((await api.row("accounts?$filter=name eq 'Never there'")).value.length, 0);
  });
  await checks.check('continueOnError answers what comes after a failure', async () => {
    const other = make({});
    other.startBatch();
    void other.retrieve({ collection: 'accounts', key: '00000000-0000-4000-8000-00000000dead' });
    void other.retrieveMultiple({ collection: 'accounts', select: ['name'], top: 1 });
    const error: unknown = await other
      .executeBatch({ continueOnError: true })
      .catch((thrown: unknown) => thrown);
    const answers = error as readonly Row[];
    match(JSON.stringify(answers), /0x80040217/);
    match(JSON.stringify(answers), /"accountid"/);
  });
}
