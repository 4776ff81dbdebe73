import type {
  ComparedColumn,
  RecordHistory,
  RestorePlan,
  Shown,
} from '../RecordHistory/services/contract.ts';

/** One account and its versions, in the shapes of the contract: what the pictures of the control show. */

export const accountId = '0f2c1b7e-58a1-4a8e-9d53-7b0c6a1e2d34';
export const emptyId = '0f2c1b7e-58a1-4a8e-9d53-7b0c6a1e2d35';
export const brokenId = '0f2c1b7e-58a1-4a8e-9d53-7b0c6a1e2d36';
export const deletedId = '0f2c1b7e-58a1-4a8e-9d53-7b0c6a1e2d37';
export const userId = '6f0a2f7c-90a4-4c57-8f0e-3c1f5a7d9b11';

const now = Date.now();
const minutes = (count: number): string => new Date(now - count * 60_000).toISOString();
const maya = { id: '11111111-90a4-4c57-8f0e-3c1f5a7d9b11', name: 'Maya Chen' };
const jonas = { id: '22222222-90a4-4c57-8f0e-3c1f5a7d9b11', name: 'Jonas Berg' };
const service = { id: '33333333-90a4-4c57-8f0e-3c1f5a7d9b11', name: 'Import service account' };
const you = { id: userId, name: 'Amira Haddad' };

const held = (text: string): Shown => ({ captured: true, value: text === '' ? null : text, text });
const label = (name: string) => ({ name, label: columnLabels[name] ?? name });
const columnLabels: Record<string, string> = {
  paymenttermscode: 'Payment terms',
  primarycontactid: 'Primary contact',
  creditlimit: 'Credit limit',
  telephone1: 'Main phone',
  customertypecode: 'Rating',
  fax: 'Fax',
  websiteurl: 'Website',
};

export function recordHistory(id: string): RecordHistory {
  const isDeleted = id === deletedId;
  const snapshot = '20261123T140500Z-ab12';
  const version = (
    seq: number,
    kind: RecordHistory['versions'][number]['kind'],
    agoMinutes: number,
    by: typeof maya | null,
    names: string[],
  ): RecordHistory['versions'][number] => ({
    version: String(seq),
    snapshot,
    capturedAt: minutes(agoMinutes - 2),
    kind,
    modifiedOn: kind === 'deleted' ? null : minutes(agoMinutes),
    modifiedBy: by,
    changedColumns: names.map(label),
  });
  const versions = [
    version(905, 'changed', 24, service, [
      'paymenttermscode',
      'primarycontactid',
      'creditlimit',
      'customertypecode',
    ]),
    version(811, 'changed', 174, maya, ['telephone1']),
    version(640, 'changed', 60 * 24 * 3 + 95, maya, ['telephone1', 'websiteurl']),
    version(512, 'created', 60 * 24 * 3 + 520, jonas, []),
  ];
  return {
    environment: 'contoso',
    table: 'account',
    tableLabel: 'Account',
    id,
    name: isDeleted ? 'Blue Yonder Airlines' : 'Alpine Ski House',
    live: isDeleted ? null : { modifiedOn: minutes(7), modifiedBy: you },
    lastBackupAt: minutes(4),
    versionCount: id === emptyId ? 0 : 12,
    versions:
      id === emptyId ? [] : isDeleted ? [version(980, 'deleted', 9, null, []), ...versions] : versions,
  };
}

export function comparedColumns(id: string): ComparedColumn[] {
  const isDeleted = id === deletedId;
  const column = (
    name: string,
    type: string,
    from: Shown,
    to: string,
    why: string | null = null,
  ): ComparedColumn => {
    const gone = from.captured && from.text !== '' && to === '';
    const same = from.captured && from.text === to;
    const change = !from.captured ? 'not-captured' : same ? 'same' : gone ? 'removed' : 'changed';
    return {
      ...label(name),
      type,
      from,
      to: held(isDeleted ? '' : to),
      change,
      restorable: why === null,
      why,
    };
  };
  return [
    column('paymenttermscode', 'choice', held('Net 45'), 'Net 30'),
    column('primarycontactid', 'lookup', held('Amira Haddad'), ''),
    column('creditlimit', 'money', held('€ 250,000.00'), '€ 0.00'),
    column('telephone1', 'text', held('+41 44 555 0100'), '+41 44 555 0188'),
    column(
      'customertypecode',
      'choice',
      held('Preferred'),
      'Standard',
      'You can see this column but not change it.',
    ),
    column('fax', 'text', { captured: false }, '+41 44 555 0109'),
    column('websiteurl', 'text', held('https://alpineskihouse.example'), 'https://alpineskihouse.example'),
  ];
}

const kept = 'You changed this at 14:22, after the import.';

/** The plan that an input asks for: by default everything but what somebody changed since. */
export function restorePlan(id: string, planId: string, columns: string[] | undefined): RestorePlan {
  const isDeleted = id === deletedId;
  const compared = comparedColumns(id).filter(({ change }) => change !== 'same');
  const planned = compared.map(({ name, label: title, from, to, restorable, why }) => {
    const isKept = name === 'telephone1' && !(columns?.includes(name) ?? false);
    const isLeft = columns !== undefined && !columns.includes(name);
    const decision = !from.captured
      ? ('not-captured' as const)
      : !restorable
        ? ('cannot' as const)
        : isKept
          ? ('kept' as const)
          : isLeft
            ? ('untouched' as const)
            : ('restore' as const);
    return { name, label: title, wanted: from, now: to, decision, why: isKept ? kept : why };
  });
  const own = {
    table: 'account',
    tableLabel: 'Account',
    id,
    name: isDeleted ? 'Blue Yonder Airlines' : 'Alpine Ski House',
  };
  const note = {
    table: 'annotation',
    tableLabel: 'Note',
    id: '77777777-58a1-4a8e-9d53-7b0c6a1e2d34',
    name: 'Signed contract',
  };
  const files = [{ column: 'documentbody', name: 'contract-2026.pdf', bytes: 482_113 }];
  const rows: RestorePlan['rows'] = [
    { ...own, action: isDeleted ? 'create' : 'update', why: null, columns: planned, files: [] },
    ...(isDeleted ? [{ ...note, action: 'create' as const, why: null, columns: [], files }] : []),
  ];
  return {
    id: planId,
    environment: 'contoso',
    createdAt: minutes(0),
    expiresAt: new Date(now + 86_400_000).toISOString(),
    undoes: null,
    selection: {
      table: 'account',
      id,
      snapshot: '20261123T140500Z-ab12',
      capturedAt: minutes(172),
      columns: columns ?? 'all',
      overwrite: false,
    },
    rows,
    problems: isDeleted
      ? [
          {
            code: 'parent-missing',
            message: 'Primary contact pointed at Amira Haddad, who is not in Dataverse any more.',
            waysOut: ['leave it empty', 'restore the contact first'],
            table: 'account',
            id,
            column: 'primarycontactid',
          },
        ]
      : [],
    sideEffects: isDeleted
      ? ['Modified By and Modified On will be yours and now.']
      : ['Modified On moves to now; flows that watch this table start.'],
    counts: { rows: rows.length, columnsToRestore: 3, columnsKept: 1, filesToRestore: isDeleted ? 1 : 0 },
  };
}
