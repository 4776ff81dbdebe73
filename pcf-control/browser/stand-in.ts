import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { RequestInput, RequestResult, Restore } from '../RecordHistory/services/contract.ts';
import { accountId, brokenId, comparedColumns, recordHistory, restorePlan, userId } from './stand-in-data.ts';

/**
 * Just enough of a Web API to take pictures of the control without a backend: one account, and request rows that are
 * answered with fixed data in the contract's shapes. The whole way is tested elsewhere, with the real parts.
 */

type Row = Record<string, unknown>;

const tables = [
  ['account', 'accounts', 'accountid', 'name', 'Account', 'Accounts'],
  ['contact', 'contacts', 'contactid', 'fullname', 'Contact', 'Contacts'],
  ['rowback_request', 'rowback_requests', 'rowback_requestid', 'rowback_name', 'Request', 'Requests'],
  [
    'rowback_heartbeat',
    'rowback_heartbeats',
    'rowback_heartbeatid',
    'rowback_name',
    'Heartbeat',
    'Heartbeats',
  ],
] as const;
const columns = [
  ['name', 'Account name', 'String'],
  ['accountnumber', 'Account number', 'String'],
  ['telephone1', 'Main phone', 'String'],
  ['emailaddress1', 'Email', 'String'],
  ['websiteurl', 'Website', 'String'],
  ['paymenttermscode', 'Payment terms', 'Picklist'],
  ['creditlimit', 'Credit limit', 'Money'],
  ['numberofemployees', 'Number of employees', 'Integer'],
  ['address1_city', 'City', 'String'],
  ['creditonhold', 'Credit hold', 'Boolean'],
  ['description', 'Description', 'Memo'],
] as const;
const labelled = (text: string) => ({ UserLocalizedLabel: { Label: text } });
const names = [
  'Alpine Ski House',
  'Blue Yonder Airlines',
  'City Power & Light',
  'Fabrikam, Inc.',
  'Fourth Coffee',
  'Litware, Inc.',
  'Northwind Traders',
  'Wide World Importers',
];

export async function startStandIn(): Promise<{ url: string; close: () => Promise<void> }> {
  const requests = new Map<string, Row & { polls: number }>();
  const account: Row = {
    accountid: accountId,
    name: 'Alpine Ski House',
    accountnumber: 'AS-1042',
    telephone1: '+41 44 555 0188',
    emailaddress1: 'office@alpineskihouse.example',
    websiteurl: 'https://alpineskihouse.example',
    paymenttermscode: 1,
    'paymenttermscode@OData.Community.Display.V1.FormattedValue': 'Net 30',
    creditlimit: 0,
    numberofemployees: 140,
    address1_city: 'Davos',
    creditonhold: false,
    description: 'Ski hotels and slopes in Graubünden.',
  };
  const server = createServer((request, response) => {
    void answer(request, response, requests, account);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The stand-in has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  requests: Map<string, Row & { polls: number }>,
  account: Row,
): Promise<void> {
  const path = decodeURIComponent((request.url ?? '').replace('/api/data/v9.2/', ''));
  const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  const notFound = () => json({ error: { code: '0x80040217', message: 'The record does not exist.' } }, 404);
  if (request.method === 'POST' && path === 'rowback_requests') {
    const id = crypto.randomUUID();
    requests.set(id, { ...((await readJson(request)) as Row), polls: 0 });
    return void response.writeHead(204, { 'odata-entityid': `http://x/rowback_requests(${id})` }).end();
  }
  if (request.method === 'PATCH') {
    Object.assign(account, await readJson(request));
    return void response.writeHead(204).end();
  }
  const [set, key] = /^(\w+)(?:\(([^)]*)\))?/.exec(path)?.slice(1) ?? [];
  if (path === 'WhoAmI') return void json({ UserId: userId });
  if (set === 'systemusers') return void json({ fullname: 'Amira Haddad' });
  if (set === 'rowback_heartbeats')
    return void json({ rowback_environmentid: 'e0000000-0000-4000-8000-000000000001' });
  if (set === 'rowback_requests') return void json(poll(requests.get(key ?? '')));
  if (set === 'EntityDefinitions') return void json(metadata(path, key));
  if (set === 'accounts' && key === undefined) {
    return void json({
      value: names.map((name, at) => ({ accountid: at === 0 ? accountId : `${at}`, name })),
    });
  }
  if (set === 'accounts' && key?.endsWith('37') === false) return void json({ ...account, accountid: key });
  notFound();
}

function metadata(path: string, key: string | undefined): unknown {
  const table = ([name, set, id, primary, label, labels]: (typeof tables)[number]) => ({
    LogicalName: name,
    EntitySetName: set,
    PrimaryIdAttribute: id,
    PrimaryNameAttribute: primary,
    DisplayName: labelled(label),
    DisplayCollectionName: labelled(labels),
  });
  if (path.includes('PicklistAttributeMetadata')) {
    const options = ['Net 30', 'Net 45', 'Net 60'].map((label, at) => ({
      Value: at + 1,
      Label: labelled(label),
    }));
    return { value: [{ LogicalName: 'paymenttermscode', OptionSet: { Options: options } }] };
  }
  if (path.includes('/Attributes')) {
    const value = columns.map(([name, label, type]) => ({
      LogicalName: name,
      AttributeType: type,
      DisplayName: labelled(label),
      IsValidForUpdate: true,
      IsValidForRead: true,
      AttributeOf: null,
    }));
    return { value };
  }
  if (key === undefined) return { value: tables.map(table) };
  const found = tables.find(([name]) => key.includes(`'${name}'`));
  return found === undefined ? {} : table(found);
}

/** Answered at the second look, so that the waiting screens are seen too. */
function poll(row: (Row & { polls: number }) | undefined): unknown {
  if (row === undefined) return {};
  row.polls += 1;
  if (row.polls < 2) return { rowback_requeststatus: null, rowback_result: null };
  const result = resultOf(
    String(row['rowback_targetid']),
    JSON.parse(String(row['rowback_input'])) as RequestInput,
  );
  return { rowback_requeststatus: result.ok ? 714200001 : 714200002, rowback_result: JSON.stringify(result) };
}

const plans = new Map<string, Restore['plan']>();

function resultOf(id: string, input: RequestInput): RequestResult {
  if (id === brokenId) {
    const message = 'The vault of this environment could not be read: the container does not answer.';
    return {
      ok: false,
      error: {
        code: 'storage-unreachable',
        message,
        hint: 'Try again in a few minutes. If it stays so, ask your administrator to run rowback doctor.',
      },
    };
  }
  switch (input.kind) {
    case 'history':
      return { ok: true, kind: 'history', data: recordHistory(id) };
    case 'compare': {
      const side = {
        version: input.from,
        snapshot: null,
        capturedAt: null,
        modifiedOn: null,
        modifiedBy: null,
      };
      const { live, name } = recordHistory(id);
      const to = { ...side, version: null, kind: live === null ? ('deleted' as const) : ('live' as const) };
      const head = { table: 'account', tableLabel: 'Account', id, name };
      return {
        ok: true,
        kind: 'compare',
        data: { ...head, from: { ...side, kind: 'version' }, to, columns: comparedColumns(id) },
      };
    }
    case 'plan': {
      const plan = restorePlan(id, `plan-${plans.size + 1}`, input.columns);
      plans.set(plan.id, plan);
      return { ok: true, kind: 'plan', data: plan };
    }
    case 'restore':
      return { ok: true, kind: 'restore', data: finished(input.restoreId) };
    case 'undo':
      return { ok: true, kind: 'undo', data: finished(input.restoreId) };
  }
}

/** The run of a plan; a ticked phone number is the one that somebody changed in between. */
function finished(planId: string): Restore {
  const plan = plans.get(planId);
  if (plan === undefined) throw new Error(`There is no plan ${planId}.`);
  const written = (plan.rows[0]?.columns ?? []).filter(({ decision }) => decision === 'restore');
  const outcomes = written.map(({ name }) =>
    name === 'telephone1'
      ? { name, kind: 'kept' as const, why: 'Changed by Maya Chen after the plan was made.' }
      : { name, kind: 'restored' as const, why: null },
  );
  const count = (kind: string) => outcomes.filter((outcome) => outcome.kind === kind).length;
  const at = new Date().toISOString();
  const rows = plan.rows.map((row, index) => ({
    table: row.table,
    id: row.id,
    name: row.name,
    kind: 'restored' as const,
    code: null,
    why: null,
    hint: null,
    columns: index === 0 ? outcomes : [],
  }));
  const counts = { restored: count('restored'), kept: count('kept'), skipped: 0, failed: 0 };
  const status = counts.kept > 0 ? 'partly' : 'done';
  return {
    plan,
    status,
    result: { id: planId, status, startedAt: at, endedAt: at, undoOffered: true, counts, rows },
  };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString();
  return JSON.parse(text);
}
