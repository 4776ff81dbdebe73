import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { refusal, type ClientBench } from './client.ts';

type Row = Record<string, unknown>;
const ROWS = 23;

/** Rows that only these checks see: a filter on this text finds them. */
const MARK = 'query-mark';

export async function checkQueries(bench: ClientBench): Promise<void> {
  for (let index = 0; index < ROWS; index += 1) {
    await bench.api.create('accounts', {
      name: `Q ${String(index).padStart(2, '0')}`,
      accountnumber: MARK,
      numberofemployees: index,
    });
  }
  await checkODataQueries(bench);
  await checkPaging(bench);
  await checkFetchXml(bench);
}

const marked = { collection: 'accounts', filter: `accountnumber eq '${MARK}'` } as const;
const namesOf = (rows: readonly Row[]) => rows.map((row) => row['name']);

async function checkODataQueries({ checks, client, api }: ClientBench): Promise<void> {
  await checks.check('retrieveMultiple with select, filter, orderBy and top', async () => {
    const { value } = await client.retrieveMultiple<Row>({
      collection: 'accounts',
      select: ['name', 'numberofemployees'],
      filter: `accountnumber eq '${MARK}' and numberofemployees gt 4`,
      orderBy: ['numberofemployees desc'],
      top: 3,
    });
    deepEqual(namesOf(value), ['Q 22', 'Q 21', 'Q 20']);
    deepEqual(Object.keys(value[0] ?? {}).sort(), ['@odata.etag', 'accountid', 'name', 'numberofemployees']);
  });
  await checks.check('count: of a filter, and of a whole table', async () => {
    equal(await client.count(marked), ROWS);
    const { text } = await api.get('accounts/$count');
    equal(await client.count({ collection: 'accounts' }), Number(text.replace(/^\uFEFF/, '')));
  });
  await checks.check('count beside the rows', async () => {
    const answer = await client.retrieveMultiple<Row>({ ...marked, count: true, maxPageSize: 5 });
    deepEqual([answer.oDataCount, answer.value.length], [ROWS, 5]);
  });
  await checks.check('countAll reads every page', async () => {
    equal(await client.countAll({ ...marked, select: ['name'] }), ROWS);
  });
  await checks.check('expand of a collection with its own filter, order and top', async () => {
    const account = await api.create('accounts', {
      name: 'With contacts',
      contact_customer_accounts: [{ lastname: 'A' }, { lastname: 'B' }, { lastname: 'C' }],
    });
    const row = await client.retrieve<Row>({
      collection: 'accounts',
      key: account,
      select: ['name'],
      expand: [
        {
          property: 'contact_customer_accounts',
          select: ['lastname'],
          filter: "lastname ne 'B'",
          orderBy: ['lastname desc'],
          top: 1,
        },
      ],
    });
    const below = row['contact_customer_accounts'] as readonly Row[];
    deepEqual(
      below.map((one) => one['lastname']),
      ['C'],
    );
  });
  await checks.check('apply groups and sums', async () => {
    const { value } = await client.retrieveMultiple<Row>({
      collection: 'accounts',
      apply: `filter(accountnumber eq '${MARK}')/groupby((accountnumber),aggregate(numberofemployees with sum as total))`,
    });
    deepEqual(
      value.map((row) => [row['accountnumber'], row['total']]),
      [[MARK, (ROWS * (ROWS - 1)) / 2]],
    );
  });
  await checks.check('an unknown column in a filter is refused with 400', async () => {
    const error = await refusal(client.retrieveMultiple({ collection: 'accounts', filter: 'nosuch eq 1' }));
    equal(error.status, 400);
    match(error.message, /nosuch/);
  });
  await checks.check('an unknown set is refused with 404', async () => {
    const error = await refusal(client.retrieveMultiple({ collection: 'nosuchset' }));
    equal(error.status, 404);
    match(error.message, /nosuchset/);
  });
}

async function checkPaging({ checks, client, api }: ClientBench): Promise<void> {
  await checks.check('pages follow by nextLink, each row once', async () => {
    const request = { ...marked, select: ['name'], orderBy: ['name'], maxPageSize: 10 };
    let page = await client.retrieveMultiple<Row>(request);
    const sizes = [page.value.length];
    const names = namesOf(page.value);
    while (page.oDataNextLink !== undefined) {
      page = await client.retrieveMultiple<Row>(request, page.oDataNextLink);
      sizes.push(page.value.length);
      names.push(...namesOf(page.value));
    }
    deepEqual(sizes, [10, 10, 3]);
    deepEqual(names, [...new Set(names)].sort());
    equal(names.length, ROWS);
  });
  await checks.check('retrieveAll gathers the pages', async () => {
    const { value } = await client.retrieveAll<Row>({ ...marked, select: ['name'], maxPageSize: 4 });
    equal(new Set(value.map((row) => row['accountid'])).size, ROWS);
  });
  await checks.check('totalrecordcount comes as an annotation', async () => {
    const answer = await client.retrieveMultiple<Row>({
      ...marked,
      count: true,
      includeAnnotations: 'Microsoft.Dynamics.CRM.*',
    });
    equal(answer['@Microsoft.Dynamics.CRM.totalrecordcount'], ROWS);
    equal(answer['@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded'], false);
    equal((await api.row('accounts?$top=1')).value.length, 1);
  });
}

async function checkFetchXml({ checks, client }: ClientBench): Promise<void> {
  const query = (inner: string, attributes = '') =>
    `<fetch ${attributes}><entity name="account">${inner}<filter><condition attribute="accountnumber" operator="eq" value="${MARK}"/></filter></entity></fetch>`;
  const byName = '<attribute name="name"/><order attribute="name"/>';
  await checks.check('fetch answers with a page and its cookie, and the cookie leads on', async () => {
    const fetchXml = query(byName, 'count="10"');
    const first = await client.fetch<Row>({ collection: 'accounts', fetchXml, includeAnnotations: '*' });
    equal(first.value.length, 10);
    equal(first.PagingInfo?.nextPage, 2);
    const next = await client.fetch<Row>({
      collection: 'accounts',
      fetchXml,
      includeAnnotations: '*',
      pageNumber: first.PagingInfo.nextPage,
      ...(first.PagingInfo.cookie === undefined ? {} : { pagingCookie: first.PagingInfo.cookie }),
    });
    equal(next.value[0]?.['name'], 'Q 10');
  });
  await checks.check('fetchAll gathers the pages', async () => {
    const { value } = await client.fetchAll<Row>({
      collection: 'accounts',
      fetchXml: query(byName, 'count="7"'),
      includeAnnotations: '*',
    });
    deepEqual([value.length, new Set(namesOf(value)).size], [ROWS, ROWS]);
  });
  await checks.check('fetch with an aggregate', async () => {
    const aggregate = '<attribute name="numberofemployees" alias="most" aggregate="max"/>';
    const { value } = await client.fetch<Row>({
      collection: 'accounts',
      fetchXml: query(aggregate, 'aggregate="true"'),
    });
    equal(value[0]?.['most'], ROWS - 1);
  });
  await checks.check('fetch with a linked table shows its columns under the alias', async () => {
    const link =
      '<attribute name="name"/><link-entity name="systemuser" from="systemuserid" to="owninguser" alias="owner"><attribute name="fullname"/></link-entity>';
    const { value } = await client.fetch<Row>({ collection: 'accounts', fetchXml: query(link, 'top="1"') });
    ok(value[0]?.['owner.fullname'], JSON.stringify(value[0]));
  });
}
