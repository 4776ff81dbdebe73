import type { Theme } from '@fluentui/react-components';
import { readTable } from './tables.ts';
import { call, createdId, getJson, type Row } from './web-api.ts';

/** The part of the host's context that controls for records use, over this page's Web API. */

export type HostState = {
  record: { table: string; id: string; name: string };
  /** The row is gone: the form then names it by bound columns, as the form of a restore does. */
  isDeleted: boolean;
  isReadOnly: boolean;
  isVisible: boolean;
  widthPx: number;
  languageId: number;
  isRtl: boolean;
  user: { id: string; name: string };
  theme: Theme;
  getString: (key: string) => string;
  openForm: (table: string, id: string) => void;
};

export function hostContext(state: HostState) {
  const { record, isDeleted } = state;
  return {
    parameters: {
      anchor: { raw: record.name, type: 'SingleLine.Text', error: false, errorMessage: '' },
      recordId: {
        raw: isDeleted ? record.id : null,
        type: 'SingleLine.Text',
        error: false,
        errorMessage: '',
      },
      tableName: {
        raw: isDeleted ? record.table : null,
        type: 'SingleLine.Text',
        error: false,
        errorMessage: '',
      },
    },
    mode: {
      isControlDisabled: state.isReadOnly,
      isVisible: state.isVisible,
      allocatedWidth: state.widthPx,
      allocatedHeight: -1,
      label: '',
      trackContainerResize: () => undefined,
      setControlState: () => true,
      setFullScreen: () => undefined,
      contextInfo: isDeleted
        ? { entityTypeName: 'rowback_restore', entityId: '', entityRecordName: '' }
        : { entityTypeName: record.table, entityId: record.id, entityRecordName: record.name },
    },
    client: {
      isOffline: () => false,
      isNetworkAvailable: () => navigator.onLine,
      getFormFactor: () => (state.widthPx < 480 ? 3 : 1),
      getClient: () => 'Web',
      disableScroll: false,
    },
    resources: { getString: state.getString },
    userSettings: {
      userId: `{${state.user.id.toUpperCase()}}`,
      userName: state.user.name,
      languageId: state.languageId,
      isRTL: state.isRtl,
      securityRoles: [],
      dateFormattingInfo: dateFormatting(state.languageId === 1031 ? 'de-DE' : 'en-GB'),
      getTimeZoneOffsetMinutes: (date?: Date) => -(date ?? new Date()).getTimezoneOffset(),
    },
    utils: {
      getEntityMetadata: async (table: string) => {
        const { name, set, key, primaryName, label } = await readTable(table);
        return {
          LogicalName: name,
          EntitySetName: set,
          PrimaryIdAttribute: key,
          PrimaryNameAttribute: primaryName,
          DisplayName: label,
        };
      },
      hasEntityPrivilege: () => true,
    },
    navigation: {
      openForm: ({ entityName, entityId }: { entityName?: string; entityId?: string }) => {
        state.openForm(entityName ?? record.table, entityId ?? record.id);
        return Promise.resolve({ savedEntityReference: [] });
      },
    },
    fluentDesignLanguage: { tokenTheme: state.theme, isDarkTheme: false },
    formatting: {
      formatDateShort: (value: Date) => value.toLocaleDateString(),
      formatInteger: (value: number) => value.toLocaleString(),
    },
    webAPI,
  };
}

const webAPI = {
  async createRecord(table: string, data: Row) {
    const { set } = await readTable(table);
    const response = await call(set, { method: 'POST', body: JSON.stringify(data) });
    return { id: createdId(response), entityType: table, name: '' };
  },
  async retrieveRecord(table: string, id: string, options = '') {
    const { set } = await readTable(table);
    return getJson(`${set}(${id})${options}`);
  },
  async retrieveMultipleRecords(table: string, options = '', maxPageSize?: number) {
    const { set } = await readTable(table);
    const prefer = maxPageSize === undefined ? {} : { prefer: `odata.maxpagesize=${maxPageSize}` };
    const page = (await (await call(`${set}${options}`, { headers: prefer })).json()) as Row;
    return { entities: page['value'] as Row[], nextLink: page['@odata.nextLink'] };
  },
  async updateRecord(table: string, id: string, data: Row) {
    const { set } = await readTable(table);
    await call(`${set}(${id})`, {
      method: 'PATCH',
      body: JSON.stringify(data),
      headers: { 'if-match': '*' },
    });
    return { id, entityType: table, name: '' };
  },
};

/** What the service sends of a user's date settings, for the languages that the control speaks. */
function dateFormatting(locale: string) {
  const names = (options: Intl.DateTimeFormatOptions, count: number, first: (at: number) => Date) =>
    Array.from({ length: count }, (_, at) =>
      new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).format(first(at)),
    );
  const day = (at: number) => new Date(Date.UTC(2023, 0, 1 + at)); // A Sunday.
  const month = (at: number) => new Date(Date.UTC(2023, at, 1));
  const isGerman = locale === 'de-DE';
  return {
    amDesignator: '',
    pmDesignator: '',
    dayNames: names({ weekday: 'long' }, 7, day),
    abbreviatedDayNames: names({ weekday: 'short' }, 7, day),
    monthNames: names({ month: 'long' }, 12, month),
    abbreviatedMonthNames: names({ month: 'short' }, 12, month),
    shortTimePattern: 'HH:mm',
    longDatePattern: isGerman ? 'dddd, d. MMMM yyyy' : 'dddd, MMMM d, yyyy',
    monthDayPattern: isGerman ? 'd. MMMM' : 'MMMM d',
    timeSeparator: ':',
    dateSeparator: isGerman ? '.' : '/',
  };
}
