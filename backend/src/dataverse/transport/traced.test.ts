import { DrivenClock } from '../../../test/support/driven-clock.ts';
import { openTransport } from './open.ts';
import { pathShape } from './path-shape.ts';
import type { Exchange } from './traced.ts';

const id = 'a1b2c3d4-0000-4000-8000-00000000beef';

test.each([
  [`accounts(${id})?$select=name,revenue`, 'accounts(…)?$select=…'],
  [
    `https://x.crm4.dynamics.com/api/data/v9.2/accounts?$skiptoken=%3Ccookie%20pagenumber=%222%22`,
    'accounts?$skiptoken=…',
  ],
  [`accounts(name='a/b)c',other='d''e')/new_file/$value`, 'accounts(…)/new_file/$value'],
  [`accounts(name=%27a%29/secret%27)/primarycontactid`, 'accounts(…)/primarycontactid'],
  [
    `systemusers(${id})/Microsoft.Dynamics.CRM.RetrievePrincipalAccess(Target=@p1)?@p1={'@odata.id':'accounts(${id})'}`,
    'systemusers(…)/Microsoft.Dynamics.CRM.RetrievePrincipalAccess(…)?@p1=…',
  ],
  [`accounts/${id}/6f1ed002ab5595859014ebf0951522d9`, 'accounts/…/…'],
  [`accounts?secret=1&$filter=name eq 'b'`, 'accounts?…&$filter=…'],
  ['accounts(%E0%A4%A', '…'],
])('%s is told as %s', (url, shape) => {
  expect(pathShape(url)).toBe(shape);
});

test('no id, filter value, token or text of a body ever reaches the trace, whatever is answered', async () => {
  const secrets = [id, 'Contoso', 'hush-token', 'body-text', 'answer-text', 'cookie-value'];
  const statuses = [200, 401, 429, 503, 404, 500];
  const told: Exchange[] = [];
  const clock = new DrivenClock();
  let at = 0;
  const answering: typeof fetch = () => {
    const status = statuses[at++ % statuses.length]!;
    const headers = {
      'x-ms-service-request-id': status === 404 ? 'answer-text' : id.replace('beef', '0001'),
    };
    if (status === 500) return Promise.reject(new TypeError('answer-text hush-token'));
    return Promise.resolve(
      new Response(`{"error":{"code":"0x1","message":"answer-text"}}`, { status, headers }),
    );
  };
  const { transport } = openTransport({
    url: 'https://x.crm4.dynamics.com',
    fetch: answering,
    clock,
    random: { uuid: () => '', fraction: () => 0 },
    tokens: { token: () => Promise.resolve('hush-token') },
    trace: (exchange) => told.push(exchange),
  });
  const requests = [
    { method: 'GET', url: `accounts(${id})?$filter=name eq 'Contoso'`, headers: { cookie: 'cookie-value' } },
    { method: 'GET', url: `https://x.crm4.dynamics.com/api/data/v9.2/accounts(name='Contoso')?x=Contoso` },
    { method: 'PATCH', url: `accounts(${id})/Contoso%20Ltd`, body: 'body-text', repeatable: true },
  ] as const;
  for (const request of [...requests, ...requests]) await clock.run(transport.send(request));
  expect(told.length).toBeGreaterThan(6);
  expect(new Set(told.map(({ status }) => status))).toEqual(new Set([0, 200, 401, 404, 429, 503]));
  for (const secret of secrets) expect(JSON.stringify(told)).not.toContain(secret);
  expect(told.find(({ attempt, waitedMs }) => attempt > 1 && waitedMs > 0)).toBeDefined();
  expect(told[0]).toMatchObject({ method: 'GET', path: 'accounts(…)?$filter=…', user: 0, bytesSent: 0 });
});
