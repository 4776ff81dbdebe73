type Definitions = Readonly<Record<string, SwitchDefinition>>;

const READING = {
  pageSizeAboveCap: {
    values: ['capped', 'refused'],
    about: 'what a page size above the largest allowed one does',
  },
  topWithNextLink: {
    values: [false, true],
    about: 'a read with `$top` has a next link where more rows match',
  },
  shortPages: {
    values: [false, true],
    about: 'some pages are short and some empty although more follow',
  },
  guidOrderInFilter: {
    values: ['allowed', 'refused'],
    about: '`gt`, `ge`, `lt` and `le` on guids in `$filter`',
  },
  versionNumberInFilter: {
    values: ['allowed', 'refused'],
    about: '`versionnumber` in `$filter`',
  },
  ieee754Compatible: {
    values: ['ignored', 'honoured'],
    about: 'what `IEEE754Compatible=true` in `Accept` does: honoured, 64-bit and decimal numbers are quoted',
  },
  securedColumns: {
    values: ['null', 'absent'],
    about: 'how a column that the caller may not read appears',
  },
  zoneOfIndependentTimes: {
    values: ['Z', 'none'],
    about: 'the suffix of times that are independent of time zones',
  },
  fetchAllLinks: {
    values: ['inverted', 'literal'],
    about:
      'link type `all`: rows exist and none passes its filter, or every row passes; `not all`: some row passes, or some row does not',
  },
  sqlTop: {
    values: ['allowed', 'refused'],
    about: '`TOP` and `OFFSET … FETCH` in `?sql=`',
  },
  sqlPagingCookie: {
    values: ['advances', 'stuck'],
    about: 'whether the cookie in the next link of `?sql=` moves on from page to page',
  },
} as const satisfies Definitions;

const TABLES_AND_CHANGES = {
  metadataChangeExpiresTokens: {
    values: [false, true],
    about: "change tokens of a table expire when the table's definition changes",
  },
  expiredTokenStatus: {
    values: [400, 410],
    about: 'the HTTP status that refuses an expired change token',
  },
  trackingWhereDisabled: {
    values: ['refused', 'ignored'],
    about: 'what the preference track-changes does on a table that is not enabled for it',
  },
  changeWatermark: {
    values: ['firstPage', 'lastPage'],
    about: 'the moment that the token of a first enumeration stands for',
  },
  rowMadeAgain: {
    values: ['row', 'rowAndTombstone'],
    about: 'what a delta shows of a row that was deleted and made again under its id',
  },
  formattedValuesDropDeltaLink: {
    values: [false, true],
    about: 'the last page has no deltaLink when formatted values were asked for',
  },
  filesInChanges: {
    values: [true, false],
    about: 'a new or removed content of a file or image column makes the row appear in a delta',
  },
  intersectTracking: {
    values: [true, false],
    about: 'intersect tables are tracked where both their ends are',
  },
  metadataCacheSeconds: {
    values: [0, 30],
    about:
      'how long metadata requests may show definitions of before a change, unless they ask for Consistency: Strong',
  },
  elasticSessionLag: {
    values: [false, true],
    about: 'readers of elastic tables who send no session token see writes some seconds late',
  },
  expiredRowsInChanges: {
    values: [false, true],
    about: 'elastic rows whose time to live is over leave a tombstone',
  },
  partitionInPatchUrl: {
    values: ['used', 'ignored'],
    about: 'the query parameter partitionId of an update or upsert of an elastic row',
  },
  virtualProvider: {
    values: ['answers', 'fails'],
    about: 'what the providers of virtual tables do',
  },
  retainedRows: {
    values: ['readable', 'refused'],
    about: 'reading retained rows by FetchXML in the Web API',
  },
  elasticTracking: {
    values: [true, false],
    about: 'elastic tables can be enabled for change tracking',
  },
} as const satisfies Definitions;

const WRITING = {
  bindToMissingRow: {
    values: [404, 400],
    about: 'HTTP status of pointing a lookup to a row that is not there',
  },
  restrictedDelete: {
    values: [405, 400],
    about: 'HTTP status of a delete that a Restrict relationship refuses',
  },
  duplicateRuleRefusal: { values: [412, 500], about: 'HTTP status where a duplicate rule refuses a row' },
  createdOnOverride: {
    values: ['swapped', 'kept'],
    about: '`overriddencreatedon` after a create: the real time of the write, or the value that was sent',
  },
  createdOnOverrideTime: {
    values: ['kept', 'cut'],
    about: 'the time of day in `overriddencreatedon`, whose format is a date',
  },
  createdOnOverrideWithoutRight: {
    values: ['refused', 'ignored'],
    about: '`overriddencreatedon` from a caller without the privilege for it',
  },
  explicitAutoNumber: {
    values: ['kept', 'replaced'],
    about: 'a value sent for an automatic number at create',
  },
  owningUnitWhenOff: {
    values: ['ignored', 'refused'],
    about: '`owningbusinessunit` where rows may not be owned across business units',
  },
  cancelCaseByUpdate: { values: ['allowed', 'refused'], about: 'cancelling a case by a plain update' },
  qualifyLeadByUpdate: { values: ['allowed', 'refused'], about: 'qualifying a lead by a plain update' },
  repeatedConnection: {
    values: ['made', 'refused'],
    about: 'a connection between two rows that are connected already, from either end',
  },
  sharingAgain: {
    values: ['adds', 'replaces'],
    about: '`GrantAccess` for somebody with whom the row is shared already',
  },
  failedChangeSet: {
    values: [200, 400],
    about: 'outer status of a batch with continue-on-error in which a change set fails',
  },
  emptyFile: { values: [404, 204], about: 'status of `$value` of an empty file column' },
  fileChunking: {
    values: [true, false],
    about: 'files go up and down in chunks; not so under customer-held keys',
  },
  disabledImpersonation: { values: [400, 403], about: 'HTTP status of acting for a disabled user' },
  bypassWithoutRight: {
    values: ['refused', 'ignored'],
    about: 'a header that bypasses custom logic, from a caller without the privilege for it',
  },
} as const satisfies Definitions;

const TRAFFIC = {
  requestLimit: {
    values: [6000, 8000],
    about: 'requests that a user may send to a web server within five minutes',
  },
  refusedRequestsCount: {
    values: [false, true],
    about: 'requests that were refused with 429 use up the number of requests',
  },
  earlyRequestsRefused: {
    values: [false, true],
    about: 'a request that comes before Retry-After is over is refused although there is room again',
  },
  concurrencyRetryAfter: {
    values: ['seconds', 'date', 'absent'],
    about: 'how Retry-After looks on a refusal for too many requests at the same time',
  },
  throttlingCode: {
    values: ['hex', 'decimal'],
    about: 'how the code of a 429 is written: 0x80072322 or -2147015902',
  },
  throttledBatch: {
    values: ['whole', 'parts'],
    about: 'what a 429 concerns in a batch: the outer request, or each part that was refused',
  },
  rateLimitHeaders: {
    values: ['honest', 'hidden', 'false'],
    about: 'the headers that tell what is left of the limits: right, absent, or wrong',
  },
  dopHintHeader: {
    values: ['present', 'absent'],
    about: 'x-ms-dop-hint, the advised number of requests at the same time',
  },
  messageLanguage: {
    values: ['english', 'german'],
    about: "the language of error texts: that of the user's settings, codes stay the same",
  },
} as const satisfies Definitions;

/**
 * Behaviours on which the sources of our facts conflict or are silent. The environment can show each of the values;
 * the first is what it does unless told otherwise. A client has to survive all of them.
 */
export const SWITCHES = { ...READING, ...TABLES_AND_CHANGES, ...WRITING, ...TRAFFIC };

export interface SwitchDefinition {
  /** The first is the default. */
  readonly values: readonly [Value, Value, ...Value[]];
  readonly about: string;
}

type Value = string | number | boolean;
export type SwitchName = keyof typeof SWITCHES;
export type Switches = { readonly [Name in SwitchName]: (typeof SWITCHES)[Name]['values'][number] };

/** All switches, those named set, the others as they are by default. */
export function switchesWith(set: Partial<Switches> = {}, before: Switches = DEFAULTS): Switches {
  return { ...before, ...set };
}

/** Reads settings such as `{"metadataChangeExpiresTokens": true}` or texts of them. Undefined: there is no such switch or value. */
export function readSwitches(settings: Readonly<Record<string, unknown>>): Partial<Switches> | undefined {
  const read: Record<string, Value> = {};
  for (const [name, setting] of Object.entries(settings)) {
    const definition = Object.hasOwn(SWITCHES, name) ? SWITCHES[name as SwitchName] : undefined; // just looked up
    const value = definition?.values.find((one: Value) => String(one) === String(setting));
    if (value === undefined) return undefined;
    read[name] = value;
  }
  return read;
}

const DEFAULTS = Object.fromEntries(
  Object.entries(SWITCHES).map(([name, { values }]) => [name, values[0]]),
) as Switches; // each name with a value of its own
