import { webLightTheme } from '@fluentui/react-components';
import { comparedColumns, recordHistory, restorePlan, userId } from '../browser/stand-in-data';
import type { IInputs } from '../RecordHistory/generated/ManifestTypes';
import type { RequestInput, RequestResult, Restore } from '../RecordHistory/services/contract';

/**
 * A host as far as the control uses it, over a backend that answers request rows at once. Times are those of the data:
 * waiting is up to the clock that a test gives.
 */

type Row = Record<string, unknown>;
export type Answer = (targetId: string, input: RequestInput) => RequestResult | null;

export type FakeHost = {
  context: ComponentFramework.Context<IInputs>;
  /** Every call of the Web API, in order: `create rowback_request`, `read rowback_request`. */
  calls: string[];
  inputs: RequestInput[];
  openForm: jest.Mock;
};

export type FakeHostOptions = {
  answer?: Answer;
  record?: { table: string; id: string } | null;
  boundId?: string;
  boundTable?: string;
  widthPx?: number;
  isDisabled?: boolean;
  isOffline?: boolean;
  isRtl?: boolean;
  isVisible?: boolean;
  /** What the heartbeat row answers: an error to reject with, or the row. */
  heartbeat?: Row | { errorCode: number; message: string };
  createError?: { errorCode: number; message: string };
};

export const settings = {
  amDesignator: 'AM',
  pmDesignator: 'PM',
  dayNames: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
  abbreviatedDayNames: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
  monthNames: 'January February March April May June July August September October November December'.split(
    ' ',
  ),
  abbreviatedMonthNames: 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' '),
  shortTimePattern: 'HH:mm',
  longDatePattern: 'dddd, MMMM d, yyyy',
  monthDayPattern: 'MMMM d',
  timeSeparator: ':',
  dateSeparator: '/',
};

export function fakeHost(options: FakeHostOptions = {}): FakeHost {
  const calls: string[] = [];
  const inputs: RequestInput[] = [];
  const rows = new Map<string, Row>();
  const answer = options.answer ?? backendAnswer();
  const record =
    options.record === undefined
      ? { table: 'account', id: 'a0000000-0000-4000-8000-00000000000a' }
      : options.record;
  const openForm = jest.fn(() => Promise.resolve({ savedEntityReference: [] }));
  const webAPI = {
    createRecord: (table: string, data: Row) => {
      calls.push(`create ${table}`);
      if (options.createError) return Promise.reject(hostError(options.createError));
      const id = `request-${rows.size + 1}`;
      rows.set(id, data);
      inputs.push(JSON.parse(String(data['rowback_input'])) as RequestInput);
      return Promise.resolve({ id, entityType: table, name: '' });
    },
    retrieveRecord: (table: string, id: string) => {
      calls.push(`read ${table}`);
      if (table === 'rowback_heartbeat') {
        const heartbeat = options.heartbeat ?? { rowback_environmentid: 'env-1' };
        return 'errorCode' in heartbeat ? Promise.reject(hostError(heartbeat)) : Promise.resolve(heartbeat);
      }
      const row = rows.get(id);
      if (row === undefined) return Promise.reject(hostError({ errorCode: 0x80040217, message: 'gone' }));
      const result = answer(
        String(row['rowback_targetid']),
        JSON.parse(String(row['rowback_input'])) as RequestInput,
      );
      if (result === null) return Promise.resolve({ rowback_requeststatus: null, rowback_result: null });
      return Promise.resolve({
        rowback_requeststatus: result.ok ? 714200001 : 714200002,
        rowback_result: JSON.stringify(result),
      });
    },
  };
  const context = {
    parameters: {
      anchor: { raw: 'Alpine Ski House' },
      recordId: { raw: options.boundId ?? null },
      tableName: { raw: options.boundTable ?? null },
    },
    mode: {
      isControlDisabled: options.isDisabled ?? false,
      isVisible: options.isVisible ?? true,
      allocatedWidth: options.widthPx ?? 1000,
      trackContainerResize: jest.fn(),
      ...(record === null ? {} : { contextInfo: { entityTypeName: record.table, entityId: record.id } }),
    },
    client: { isOffline: () => options.isOffline ?? false, isNetworkAvailable: () => true },
    resources: { getString: (key: string) => key },
    userSettings: {
      userId: `{${userId.toUpperCase()}}`,
      isRTL: options.isRtl ?? false,
      languageId: 1033,
      dateFormattingInfo: settings,
      getTimeZoneOffsetMinutes: () => 0,
    },
    navigation: { openForm },
    fluentDesignLanguage: { tokenTheme: webLightTheme },
    webAPI,
  };
  return { context: context as unknown as FakeHost['context'], calls, inputs, openForm };
}

/** The host's rejections are errors with a number beside the message. */
const hostError = ({ errorCode, message }: Record<string, unknown>): Error =>
  Object.assign(new Error(String(message)), { errorCode });

/** A backend that knows one record, plans and runs what it is asked, and can undo it. */
export function backendAnswer(): Answer {
  const plans = new Map<string, Restore['plan']>();
  return (id, input) => {
    switch (input.kind) {
      case 'history':
        return { ok: true, kind: 'history', data: recordHistory(id) };
      case 'compare':
        return { ok: true, kind: 'compare', data: comparison(id, input.from) };
      case 'plan': {
        const plan = restorePlan(id, `plan-${plans.size + 1}`, input.columns);
        plans.set(plan.id, plan);
        return { ok: true, kind: 'plan', data: plan };
      }
      case 'restore':
      case 'undo': {
        const plan = plans.get(input.restoreId);
        if (plan === undefined) throw new Error(`There is no plan ${input.restoreId}.`);
        return { ok: true, kind: input.kind, data: finishedRestore(plan) };
      }
    }
  };
}

function comparison(
  id: string,
  version: string,
): Extract<RequestResult, { ok: true; kind: 'compare' }>['data'] {
  const { live, name } = recordHistory(id);
  const side = { snapshot: null, capturedAt: null, modifiedOn: null, modifiedBy: null };
  return {
    table: 'account',
    tableLabel: 'Account',
    id,
    name,
    from: { ...side, kind: 'version', version },
    to: { ...side, kind: live === null ? 'deleted' : 'live', version: null },
    columns: comparedColumns(id),
  };
}

/** Every planned column written; `failing` names one that the platform refused. */
export function finishedRestore(plan: Restore['plan'], failing?: string): Restore {
  const [own] = plan.rows;
  const columns = (own?.columns ?? [])
    .filter(({ decision }) => decision === 'restore')
    .map(({ name }) =>
      name === failing
        ? { name, kind: 'failed' as const, why: 'A plug-in refused it.' }
        : { name, kind: 'restored' as const, why: null },
    );
  const failed = columns.filter(({ kind }) => kind === 'failed').length;
  const status = failed > 0 ? 'partly' : 'done';
  const endedAt = new Date().toISOString();
  const rows = plan.rows.map((row, at) => ({
    table: row.table,
    id: row.id,
    name: row.name,
    kind: 'restored' as const,
    code: null,
    why: null,
    hint: null,
    columns: at === 0 ? columns : [],
  }));
  const counts = { restored: columns.length - failed, kept: 0, skipped: 0, failed };
  return {
    plan,
    status,
    result: { id: plan.id, status, startedAt: endedAt, endedAt, undoOffered: true, counts, rows },
  };
}
