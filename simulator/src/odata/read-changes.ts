import type { TableDefinition } from '../model/definitions.ts';
import { depthOn, missingPrivilege, privilegeOf } from '../security/rights.ts';
import type { RequestContext } from '../service/context.ts';
import { rowLimit } from '../service/limits.ts';
import { badRequest, expiredToken, type ServiceError } from '../service/errors.ts';
import { setName } from '../service/payload.ts';
import type { Row, Tombstone } from '../store/table-store.ts';
import { rowsOf } from './data-sources.ts';
import { decodeSkipToken, type PageMark } from './paging.ts';
import { printPage } from './print-page.ts';
import { printRow, RowPrinter } from './print-row.ts';
import { parseSelect } from './query-options.ts';
import { checkOptions, contextMember, envelope, metadataVersionMember, nextLink } from './read-collection.ts';
import { everyRow } from './read-rows.ts';
import type { ResourceUrl } from './url.ts';

const DAY_MS = 24 * 3600 * 1000;
const FORMATTED = 'OData.Community.Display.V1.FormattedValue';
const REFUSED = ['filter', 'orderby', 'expand', 'top'] as const;

/** A read with change tracking: the whole table page by page first, later only what changed since a token. */
export function readChanges(
  context: RequestContext,
  table: TableDefinition,
  url: ResourceUrl,
): string | Uint8Array {
  checkOptions(url.query);
  for (const option of REFUSED) {
    if (!url.query.has(`$${option}`)) continue;
    throw badRequest(`The "${option}" query parameter isn't supported when Change Tracking is enabled.`);
  }
  requireTracking(context, table);
  const printer = new RowPrinter(context, table, parseSelect(url.query.get('$select')));
  const token = url.query.get('$deltatoken');
  return token === undefined
    ? enumerate(context, table, url, printer)
    : delta(context, table, url, printer, token);
}

/** Why changes of the table cannot be had; undefined where they can. */
function trackingRefusal(context: RequestContext, table: TableDefinition): ServiceError | undefined {
  const { schema, switches } = context.environment;
  const link = table.intersect ? schema.linkOfIntersect(table.logicalName) : undefined;
  if (link !== undefined && switches.intersectTracking) {
    const both = [link.table1, link.table2].every((name) => schema.table(name)?.changeTracking === true);
    if (both) return undefined;
    return badRequest(
      `Changes cannot be retrieved for intersect entity ${table.logicalName} since both related entities are not enabled for change tracking.`,
      '0x80072492',
    );
  }
  const elastic = table.tableType === 'Elastic' && !switches.elasticTracking;
  if (table.changeTracking && link === undefined && !elastic) return undefined;
  return badRequest(`Entity ${table.logicalName} isn't enabled for change tracking.`, '0x80072491');
}

/** The preference is taken for nothing on a table without tracking, where the environment is told to do so. */
export function ignoresTracking(context: RequestContext, table: TableDefinition): boolean {
  const ignores = context.environment.switches.trackingWhereDisabled === 'ignored';
  return ignores && trackingRefusal(context, table) !== undefined;
}

/** The table must be enabled, an intersect table through both its ends; only a global read will do. */
function requireTracking(context: RequestContext, table: TableDefinition): void {
  const refusal = trackingRefusal(context, table);
  if (refusal !== undefined) throw refusal;
  const privilege = privilegeOf(table, 'Read');
  if (privilege !== undefined && depthOn(context.caller, table, 'Read') !== 8) {
    throw missingPrivilege(context.caller, privilege, table);
  }
}

/** First read: in key order. Its token stands for the moment of the first page, or of the last by a switch. */
function enumerate(
  context: RequestContext,
  table: TableDefinition,
  url: ResourceUrl,
  printer: RowPrinter,
): string | Uint8Array {
  const text = url.query.get('$skiptoken');
  const after = text === undefined ? undefined : decodeSkipToken(text);
  const watermark = after?.watermark ?? context.environment.database.version;
  const page = printPage(context, table, printer, [], {
    passes: everyRow,
    order: [],
    size: Math.min(context.preferences.maxPageSize ?? rowLimit(table), rowLimit(table)),
    after,
    among: undefined,
    watermark,
  });
  const head = [
    contextMember(context, setName(table), printer.selected, []),
    ...metadataVersionMember(context),
  ];
  if (page.next !== undefined) return envelope(head, page.rows, nextLink(context, url, page.next));
  const { changeWatermark } = context.environment.switches;
  const token = changeWatermark === 'lastPage' ? context.environment.database.version : watermark;
  return envelope([...head, ...deltaLink(context, url, token)], page.rows, undefined);
}

type Change =
  | { readonly version: number; readonly row: Row }
  | { readonly version: number; readonly tombstone: Tombstone };

/** Rows by version, then deletions; what changes while paging appears in the next delta. */
function delta(
  context: RequestContext,
  table: TableDefinition,
  url: ResourceUrl,
  printer: RowPrinter,
  token: string,
): string | Uint8Array {
  const since = readToken(context, table, token);
  const text = url.query.get('$skiptoken');
  const after = text === undefined ? undefined : decodeSkipToken(text);
  const watermark = after?.watermark ?? context.environment.database.version;
  const changes = changesBetween(context, table, since, watermark);
  const size = Math.min(context.preferences.maxPageSize ?? rowLimit(table), rowLimit(table));
  const from = after === undefined ? 0 : positionAfter(changes, after);
  const page = changes.slice(from, from + size);
  const items = page.map((change) =>
    'row' in change
      ? printRow(printer, [], change.row, true)
      : tombstoneText(context, table, change.tombstone),
  );
  const head = [
    contextMember(context, setName(table), printer.selected, [], '/$delta'),
    ...metadataVersionMember(context),
  ];
  const last = page.at(-1);
  if (from + size < changes.length && last !== undefined) {
    return envelope(head, items, nextLink(context, url, changeMark(table, last, after, watermark)));
  }
  return envelope([...head, ...deltaLink(context, url, watermark)], items, undefined);
}

export function countChanges(context: RequestContext, table: TableDefinition, url: ResourceUrl): number {
  requireTracking(context, table);
  const since = readToken(context, table, url.query.get('$deltatoken') ?? '');
  return changesBetween(context, table, since, context.environment.database.version).length;
}

function changesBetween(
  context: RequestContext,
  table: TableDefinition,
  since: number,
  until: number,
): readonly Change[] {
  const store = rowsOf(context, table, undefined);
  const inside = (version: number) => version > since && version <= until;
  const live: Change[] = [];
  for (const row of store.changedBetween(since, until)) live.push({ version: row.version, row });
  live.sort((a, b) => a.version - b.version);
  const gone = new Map<string, Tombstone>();
  const madeAgain = context.environment.switches.rowMadeAgain === 'rowAndTombstone';
  for (const tombstone of store.tombstones) {
    if (inside(tombstone.version) && (madeAgain || !store.has(tombstone.id)))
      gone.set(tombstone.id, tombstone);
  }
  const deleted = [...gone.values()].map((tombstone) => ({ version: tombstone.version, tombstone }));
  return [...live, ...deleted.sort((a, b) => a.version - b.version)];
}

/** The cookie of a delta page holds the version and kind of its last item in place of order values. */
function changeMark(
  table: TableDefinition,
  last: Change,
  after: PageMark | undefined,
  watermark: number,
): PageMark {
  const id = 'row' in last ? last.row.id : last.tombstone.id;
  return {
    pageNumber: (after?.pageNumber ?? 0) + 1,
    primaryKey: table.primaryId,
    first: id,
    last: id,
    order: [{ column: 'row' in last ? 'versionnumber' : 'deletedversion', last: String(last.version) }],
    watermark,
  };
}

function positionAfter(changes: readonly Change[], mark: PageMark): number {
  const [position] = mark.order;
  const version = Number(position?.last);
  const deleted = position?.column === 'deletedversion';
  const at = changes.findIndex((change) =>
    deleted
      ? 'tombstone' in change && change.version > version
      : 'tombstone' in change || change.version > version,
  );
  return at < 0 ? changes.length : at;
}

function tombstoneText(context: RequestContext, table: TableDefinition, tombstone: Tombstone): string {
  const url = `${context.serviceRoot}$metadata#${setName(table)}/$deletedEntity`;
  return JSON.stringify({ '@odata.context': url, id: tombstone.publicId ?? tombstone.id, reason: 'deleted' });
}

/** `<row version>!<MM/dd/yyyy HH:mm:ss>`, escaped in lower case. An old report knows pages that lack the link. */
function deltaLink(context: RequestContext, url: ResourceUrl, watermark: number): readonly string[] {
  const { switches } = context.environment;
  if (switches.formattedValuesDropDeltaLink && context.preferences.annotation(FORMATTED)) return [];
  const [day = '', time = ''] = context.environment.timestamp().slice(0, 19).split('T');
  const [year, month, dayOfMonth] = day.split('-');
  const token = `${watermark}!${month}/${dayOfMonth}/${year} ${time}`;
  const escaped = encodeURIComponent(token)
    .replaceAll('!', '%21')
    .replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
  const kept = url.rawQuery
    .split('&')
    .filter((part) => part !== '' && !/^(\$|%24)(skiptoken|deltatoken)=/i.test(part));
  const link = `${context.serviceRoot}${url.rawPath}?${[...kept, `$deltatoken=${escaped}`].join('&')}`;
  return [`"@odata.deltaLink":${JSON.stringify(link)}`];
}

/** @throws ServiceError 400 `0x80044352` when the token is too old or the table was redefined since. */
function readToken(context: RequestContext, table: TableDefinition, token: string): number {
  const match = /^(\d+)!(\d{2})\/(\d{2})\/(\d{4}) (\d{2}:\d{2}:\d{2})$/.exec(token);
  if (match === null) throw badRequest(`The delta token '${token}' is not valid.`);
  const [, version, month, day, year, time] = match;
  const { environment } = context;
  const setting = environment.setting('expirechangetrackingindays');
  const days = setting === null ? 30 : Number(setting);
  const madeAtMs = Date.parse(`${year}-${month}-${day}T${time}Z`);
  if (environment.now() - madeAtMs > days * DAY_MS)
    throw expiredToken(environment.switches.expiredTokenStatus);
  const changed = environment.definitionChangedAt.get(table.logicalName) ?? 0;
  if (environment.switches.metadataChangeExpiresTokens && changed > Number(version))
    throw expiredToken(environment.switches.expiredTokenStatus);
  return Number(version);
}
