import type { BatchRequest } from '../client.ts';
import { formatBatch } from './format.ts';
import { boundaryOf, parseParts } from './parse.ts';

const create = (name: string, group?: string): BatchRequest => ({
  method: 'POST',
  url: 'accounts',
  body: JSON.stringify({ name }),
  ...(group === undefined ? {} : { group }),
});

test('a batch has CRLF after every line and one change set for a group', () => {
  const { body, contentType } = formatBatch(
    [{ method: 'GET', url: 'accounts' }, create('a', 'g'), create('b', 'g')],
    '/api/data/v9.2/',
  );
  expect(contentType).toBe('multipart/mixed; boundary="batch_rowback_1"');
  expect(body.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  expect(body.split('--changeset_rowback_1\r\n')).toHaveLength(3);
  expect(body).toContain('Content-ID: 2\r\n\r\nPOST /api/data/v9.2/accounts HTTP/1.1\r\n');
  expect(body.endsWith('--changeset_rowback_1--\r\n--batch_rowback_1--\r\n')).toBe(true);
});

test('a body that holds the boundary gets another one', () => {
  const { contentType } = formatBatch([create('batch_rowback_1')], '/');
  expect(boundaryOf(contentType)).toBe('batch_rowback_2');
});

test('answers of single requests and of change sets are found, with their bodies', () => {
  const body = [
    '--batchresponse_1',
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    '',
    'HTTP/1.1 404 Not Found',
    'Content-Type: application/json; odata.metadata=minimal',
    '',
    '{"error":{"code":"0x80040217","message":"--batchresponse_1 no"}}',
    '--batchresponse_1',
    'Content-Type: multipart/mixed; boundary=changesetresponse_2',
    '',
    '--changesetresponse_2',
    'Content-Type: application/http',
    'Content-ID: 1',
    '',
    'HTTP/1.1 204 No Content',
    'OData-EntityId: https://x/accounts(1)',
    '',
    '',
    '--changesetresponse_2--',
    '--batchresponse_1--',
    '',
  ].join('\r\n');
  expect(parseParts(body, 'batchresponse_1')).toMatchObject([
    { kind: 'answer', answer: { status: 404, body: expect.stringContaining('0x80040217') as string } },
    {
      kind: 'changeset',
      answers: [{ status: 204, contentId: 1, headers: { 'odata-entityid': 'https://x/accounts(1)' } }],
    },
  ]);
});
