import type { Clock } from '../base/clock.ts';
import { sendBatch, type Batching } from './batch/batch.ts';
import type { BulkOptions, CreateOptions, DataverseClient, DeletedRow } from './client.ts';
import { ElasticSessions } from './elastic-sessions.ts';
import { naming } from './errors.ts';
import { fileFacts } from './files/file-facts.ts';
import { readBody } from './files/read-body.ts';
import { readFile } from './files/read-file.ts';
import { readImage } from './files/read-image.ts';
import { writeBody, writeFile, writeImage } from './files/write-files.ts';
import { Catalog } from './metadata/catalog.ts';
import { approximateCounts, metadataVersion, readEnvironment } from './metadata/environment.ts';
import { readColumns, readGlobalChoices, readSecurityModel } from './metadata/overview.ts';
import type { TableDetails } from './metadata/types.ts';
import { readFetch } from './read/read-fetch.ts';
import { readNames } from './read/names.ts';
import { readAll, readChanges, readKeys, readRow, readRows, readWhere } from './read/rows.ts';
import { globallyReadable, privilegesOf, rightsOn } from './rights/privileges.ts';
import { isAdministrator, permittedColumns } from './rights/secured-columns.ts';
import { userByEntraId, userById, whoAmI } from './rights/users.ts';
import { longUrls } from './long-urls.ts';
import { verbatim } from './verbatim.ts';
import { inBackground } from './transport/in-background.ts';
import { impersonating } from './transport/impersonating.ts';
import { openTransport, type OpenTransport } from './transport/open.ts';
import type { Measure, Transport } from './transport/port.ts';
import { WebApi } from './web-api.ts';
import type { Body } from './write/encode.ts';
import { multiple } from './write/bulk/multiple.ts';
import { BulkSupport, type BulkMessage } from './write/bulk/support.ts';
import type { BulkWrite } from './write/bulk/write-many.ts';
import { associate, disassociate } from './write/links.ts';
import { partiesBody, readParties, replaceParties } from './write/parties.ts';
import { setState } from './write/state.ts';
import { createRow, deleteRow, updateRow } from './write/write-rows.ts';

/** A client with the whole chain of policies over `fetch`; nothing is asked yet. */
export function openClient(options: OpenTransport): {
  readonly client: DataverseClient;
  readonly measure: () => Measure;
} {
  const { transport, measure } = openTransport({ ...options, fetch: longUrls(verbatim(options.fetch)) });
  return { client: connect({ url: options.url, transport, clock: options.clock }), measure };
}

/**
 * A client over any transport. Metadata is kept in it and shared by the clients that act for users. The clock is for
 * parts of batches that are told to wait; without one they are refused as `throttled`.
 */
export function connect(options: {
  readonly url: string;
  readonly transport: Transport;
  readonly clock?: Clock;
}): DataverseClient {
  const url = options.url.replace(/\/+$/, '');
  const sessions = new ElasticSessions();
  const transport = sessions.wrap(options.transport);
  const api = new WebApi(transport);
  const shared: Shared = {
    url,
    clock: options.clock ?? null,
    catalog: new Catalog(new WebApi(strong(transport))),
    support: new BulkSupport(api),
    sessions,
  };
  return clientOf(shared, transport);
}

/** Definitions come from a cache that may be half a minute behind the version that made us ask for them. */
function strong(inner: Transport): Transport {
  return {
    send: (request) => inner.send({ ...request, headers: { consistency: 'Strong', ...request.headers } }),
  };
}

/** What all clients of one environment have together, whoever they act for. */
interface Shared {
  readonly url: string;
  readonly clock: Clock | null;
  readonly catalog: Catalog;
  readonly support: BulkSupport;
  readonly sessions: ElasticSessions;
}

function clientOf(shared: Shared, transport: Transport): DataverseClient {
  const { url, catalog } = shared;
  const api = new WebApi(transport);
  return {
    url,
    as: (user) => clientOf(shared, impersonating(transport, user)),
    inBackground: () => clientOf(shared, inBackground(transport)),
    ...metadataCalls(url, api, catalog),
    ...readingCalls(api, catalog),
    ...writingCalls(url, api, catalog),
    ...manyCalls(shared, transport),
    ...fileCalls(api),
    ...rightsCalls(api),
  };
}

type Calls<Names extends keyof DataverseClient> = Pick<DataverseClient, Names>;

function metadataCalls(
  url: string,
  api: WebApi,
  catalog: Catalog,
): Calls<
  | 'readEnvironment'
  | 'metadataVersion'
  | 'readTables'
  | 'readTableDetails'
  | 'readColumns'
  | 'readGlobalChoices'
  | 'readSecurityModel'
  | 'approximateCounts'
> {
  return {
    readEnvironment: () => readEnvironment(api, url),
    metadataVersion: () => metadataVersion(api),
    readTables: () => catalog.tables(),
    readTableDetails: (names) => catalog.details(names),
    readColumns: (names) => readColumns(api, names),
    readGlobalChoices: () => readGlobalChoices(api),
    readSecurityModel: () => readSecurityModel(api),
    approximateCounts: (tables) => approximateCounts(api, tables),
  };
}

function readingCalls(
  api: WebApi,
  catalog: Catalog,
): Calls<
  | 'readChanges'
  | 'readAll'
  | 'readKeys'
  | 'readRow'
  | 'readRows'
  | 'readWhere'
  | 'readFetch'
  | 'query'
  | 'names'
  | 'readParties'
> {
  return {
    readChanges: (table, columns, link, options) => readChanges(api, table, columns, link, options),
    readAll: (table, columns, link, options) => readAll(api, table, columns, link, options),
    readKeys: (table, options) => readKeys(api, table, options),
    readRow: (table, id, columns) => readRow(api, table, id, columns),
    readRows: (table, ids, columns) => readRows(api, table, ids, columns),
    readWhere: (table, columns, filter, options) => readWhere(api, table, columns, filter, options),
    readFetch: (table, columns, fetchXml, options) => readFetch(api, table, columns, fetchXml, options),
    query: (path) => api.get(path),
    names: async (references) => readNames(api, await catalog.byName(), references),
    readParties: (table, id) => readParties(api, table, id),
  };
}

function writingCalls(
  url: string,
  api: WebApi,
  catalog: Catalog,
): Calls<
  'createRow' | 'updateRow' | 'deleteRow' | 'setState' | 'associate' | 'disassociate' | 'replaceParties'
> {
  const parties = async (table: TableDetails, list: CreateOptions['parties']): Promise<Body> => {
    const [partyTable] = list === undefined ? [] : await catalog.details(['activityparty']);
    if (list === undefined || partyTable === undefined) return {};
    return partiesBody(table, partyTable, await catalog.byName(), list);
  };
  return {
    createRow: (table, values, options) =>
      naming(table.name, async () =>
        createRow(api, await catalog.byName(), table, values, options, await parties(table, options.parties)),
      ),
    updateRow: (table, id, values, options = {}) =>
      naming(table.name, async () => updateRow(api, await catalog.byName(), table, id, values, options)),
    deleteRow: (table, id, options = {}) => deleteRow(api, table, id, options),
    setState: (table, id, state, status, options = {}) => setState(api, table, id, state, status, options),
    associate: (link, id1, id2, options = {}) =>
      naming(link.intersectTable, async () =>
        associate(api, url, await catalog.byName(), link, [id1, id2], options),
      ),
    disassociate: (link, id1, id2, options = {}) =>
      naming(link.intersectTable, async () =>
        disassociate(api, await catalog.byName(), link, [id1, id2], options),
      ),
    replaceParties: (table, id, list, options = {}) =>
      naming(table.name, async () => replaceParties(api, table, id, await parties(table, list), options)),
  };
}

/** Calls that write many rows in few requests. */
function manyCalls(
  shared: Shared,
  transport: Transport,
): Calls<'batch' | 'createMultiple' | 'updateMultiple' | 'upsertMultiple' | 'deleteMultiple'> {
  const { url, clock, catalog, support, sessions } = shared;
  const root = `${new URL(url).pathname.replace(/\/$/, '')}/api/data/v9.2/`;
  const batchingFor = (api: WebApi): Batching => ({
    api,
    root,
    clock,
    sessions,
    continueOnError: false,
  });
  const many =
    (message: BulkMessage) =>
    (table: TableDetails, rows: readonly DeletedRow[], options: BulkOptions = {}) => {
      const writeFor = (user: string | undefined): BulkWrite => {
        const api = new WebApi(user === undefined ? transport : impersonating(transport, user));
        return { api, batching: batchingFor(api), clock, support, table, message, options };
      };
      return naming(table.name, async () =>
        multiple({ tables: await catalog.byName(), writeFor, table }, message, rows),
      );
    };
  return {
    batch: (requests, options = {}) => {
      const continueOnError = options.continueOnError ?? false;
      return sendBatch({ ...batchingFor(new WebApi(transport)), continueOnError }, requests);
    },
    createMultiple: many('CreateMultiple'),
    updateMultiple: many('UpdateMultiple'),
    upsertMultiple: many('UpsertMultiple'),
    deleteMultiple: many('DeleteMultiple'),
  };
}

function fileCalls(
  api: WebApi,
): Calls<'readBody' | 'readFile' | 'readImage' | 'fileFacts' | 'writeFile' | 'writeImage' | 'writeBody'> {
  return {
    readBody: (table, id, column, bytes) => readBody({ api, table, id, column }, bytes),
    readFile: (table, id, column, fileId) => readFile({ api, table, id, column }, fileId),
    readImage: (table, id, column) => readImage({ api, table, id, column }),
    fileFacts: (ids) => fileFacts(api, ids),
    writeFile: (table, id, column, content, options = {}) =>
      writeFile(api, table, id, column, content, options),
    writeImage: (table, id, column, content, options = {}) =>
      writeImage(api, table, id, column, content, options),
    writeBody: (table, id, column, content, options = {}) =>
      writeBody(api, table, id, column, content, options),
  };
}

function rightsCalls(
  api: WebApi,
): Calls<
  | 'whoAmI'
  | 'isAdministrator'
  | 'userByEntraId'
  | 'userById'
  | 'privilegesOf'
  | 'rightsOn'
  | 'globallyReadable'
  | 'readableSecuredColumns'
  | 'writableSecuredColumns'
> {
  return {
    whoAmI: () => whoAmI(api),
    isAdministrator: async () => isAdministrator(api, (await whoAmI(api)).userId),
    userByEntraId: (entraObjectId) => userByEntraId(api, entraObjectId),
    userById: (userId) => userById(api, userId),
    privilegesOf: (userId, names) => privilegesOf(api, userId, names),
    rightsOn: (userId, table, id) => rightsOn(api, userId, table, id),
    globallyReadable: (tables) => globallyReadable(api, tables),
    readableSecuredColumns: (userId, table) => permittedColumns(api, userId, table, 'canread'),
    writableSecuredColumns: (userId, table) => permittedColumns(api, userId, table, 'canupdate'),
  };
}
