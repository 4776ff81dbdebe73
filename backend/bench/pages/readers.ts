import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamicsWebApi } from 'dynamics-web-api';
import { openClient, type DataverseClient } from '../../src/dataverse/index.ts';
import { annotations, pageSize, token, type ReaderName, type ReadJob } from './job.ts';
import { linkAtEnd } from './link-at-end.ts';

/** Reads a table page by page; gives the number of rows of each page once it has all of them. */
type Reader = (job: ReadJob) => AsyncIterable<number>;

export const readers: Readonly<Record<ReaderName, Reader>> = {
  rowback,
  bareFetch,
  fetchJson,
  dynamicsWebApi,
};

/** Our client over the real network, with a token that the simulator takes. */
export function openBenchClient(url: string): DataverseClient {
  return openClient({
    url,
    fetch,
    clock: { now: () => new Date(), sleep: (ms) => sleep(ms) },
    random: { uuid: () => randomUUID(), fraction: () => Math.random() },
    tokens: { token: () => Promise.resolve(token) },
  }).client;
}

/** Our client with its whole chain of policies: rows as exact values, one after another. */
async function* rowback(job: ReadJob): AsyncIterable<number> {
  const client = openBenchClient(job.url);
  const [details] = await client.readTableDetails([job.table]);
  if (details === undefined) throw new Error(`no table ${job.table}`);
  let rows = 0;
  for await (const event of client.readAll(details, job.columns)) {
    if (event.kind === 'row') rows += 1;
    if (event.kind !== 'page-end') continue;
    yield rows;
    rows = 0;
  }
}

const headers = {
  authorization: `Bearer ${token}`,
  accept: 'application/json',
  prefer: `odata.maxpagesize=${pageSize},odata.include-annotations="${annotations}"`,
};
const firstPage = (job: ReadJob) =>
  `${job.url}/api/data/v9.2/${job.entitySet}?$select=${job.properties.join(',')}`;

/** The bytes as they come, thrown away; only the end of a page is looked at, for its link. */
async function* bareFetch(job: ReadJob): AsyncIterable<number> {
  for (let url: string | undefined = firstPage(job); url !== undefined;) {
    const response: Response = await fetch(url, { headers });
    url = await linkAtEnd(response);
    yield pageSize;
  }
}

/** `response.json()`: what a program does that needs no exact numbers and has the memory. */
async function* fetchJson(job: ReadJob): AsyncIterable<number> {
  for (let url: string | undefined = firstPage(job); url !== undefined;) {
    const response: Response = await fetch(url, { headers });
    const page = (await response.json()) as { value: unknown[]; '@odata.nextLink'?: string }; // the service's shape
    url = page['@odata.nextLink'];
    yield page.value.length;
  }
}

/** The npm package with its own paging: parsed JSON, numbers as doubles, instants as Date objects. */
async function* dynamicsWebApi(job: ReadJob): AsyncIterable<number> {
  const client = new DynamicsWebApi({
    serverUrl: job.url,
    dataApi: { version: '9.2' },
    onTokenRefresh: () => Promise.resolve(token),
  });
  const request = {
    collection: job.entitySet,
    select: [...job.properties],
    maxPageSize: pageSize,
    includeAnnotations: annotations,
  };
  let page = await client.retrieveMultiple(request);
  for (;;) {
    yield page.value.length;
    const next = page.oDataNextLink;
    if (next === undefined) return;
    page = await client.retrieveMultiple(request, next);
  }
}
