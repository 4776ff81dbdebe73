// Generated from backend/src/jobs/contract.ts by backend/scripts/control-types.ts. Do not edit: change the contract and
// run `npm run control-types -w backend`.

export type Shown = {
  captured: true;
  value: null | boolean | number | string | {
    table: string;
    id: string;
  };
  text: string;
} | {
  captured: false;
};

export type Person = {
  id: string;
  name: string | null;
};

export type VersionSummary = {
  version: string;
  snapshot: string;
  capturedAt: string;
  kind: 'created' | 'first-captured' | 'changed' | 'deleted' | 'restored-after-delete';
  modifiedOn: string | null;
  modifiedBy: Person | null;
  changedColumns: {
    name: string;
    label: string;
  }[];
};

export type RecordHistory = {
  environment: string;
  table: string;
  tableLabel: string;
  id: string;
  name: string | null;
  live: {
    modifiedOn: string | null;
    modifiedBy: Person | null;
  } | null;
  lastBackupAt: string;
  versionCount: number;
  versions: VersionSummary[];
};

export type ComparisonSide = {
  kind: 'version' | 'live' | 'deleted';
  version: string | null;
  snapshot: string | null;
  capturedAt: string | null;
  modifiedOn: string | null;
  modifiedBy: Person | null;
};

export type ComparedColumn = {
  name: string;
  label: string;
  type: string;
  from: Shown;
  to: Shown;
  change: 'same' | 'added' | 'removed' | 'changed' | 'not-captured';
  restorable: boolean;
  why: string | null;
};

export type Comparison = {
  table: string;
  tableLabel: string;
  id: string;
  name: string | null;
  from: ComparisonSide;
  to: ComparisonSide;
  columns: ComparedColumn[];
};

export type ColumnDecision = 'restore' | 'already-right' | 'untouched' | 'kept' | 'not-captured' | 'cannot';

export type PlannedColumn = {
  name: string;
  label: string;
  wanted: Shown;
  now: Shown;
  decision: ColumnDecision;
  why: string | null;
};

export type PlannedRow = {
  table: string;
  tableLabel: string;
  id: string;
  name: string | null;
  action: 'create' | 'update' | 'associate' | 'delete' | 'disassociate' | 'none';
  why: string | null;
  columns: PlannedColumn[];
  files: ({
    column: string;
    name: string | null;
    bytes: number | null;
  })[];
};

export type Problem = {
  code: string;
  message: string;
  waysOut: string[];
  table: string;
  id: string;
  column: string | null;
};

export type RestorePlan = {
  id: string;
  environment: string;
  createdAt: string;
  expiresAt: string;
  undoes: string | null;
  selection: {
    table: string;
    id: string;
    snapshot: string;
    capturedAt: string;
    columns: 'all' | string[];
    overwrite: boolean;
  };
  rows: PlannedRow[];
  problems: Problem[];
  sideEffects: string[];
  counts: {
    rows: number;
    columnsToRestore: number;
    columnsKept: number;
    filesToRestore: number;
  };
};

export type RowOutcome = {
  table: string;
  id: string;
  name: string | null;
  kind: 'restored' | 'kept' | 'skipped' | 'failed';
  code: string | null;
  why: string | null;
  hint: string | null;
  columns: ({
    name: string;
    kind: 'restored' | 'kept' | 'skipped' | 'failed';
    why: string | null;
  })[];
};

export type RestoreStatus = 'planned' | 'running' | 'done' | 'partly' | 'failed';

export type RestoreResult = {
  id: string;
  status: RestoreStatus;
  startedAt: string | null;
  endedAt: string | null;
  undoOffered: boolean;
  counts: {
    restored: number;
    kept: number;
    skipped: number;
    failed: number;
  };
  rows: RowOutcome[];
};

export type Restore = {
  plan: RestorePlan;
  result: RestoreResult | null;
  status: RestoreStatus;
};

export type RequestInput = {
  kind: 'history';
} | {
  kind: 'compare';
  from: string;
  to?: string;
} | {
  kind: 'plan';
  version: string;
  columns?: string[];
  overwrite?: boolean;
} | {
  kind: 'restore';
  restoreId: string;
} | {
  kind: 'undo';
  restoreId: string;
};

export type RequestResult = {
  ok: true;
  kind: 'history';
  data: RecordHistory;
} | {
  ok: true;
  kind: 'compare';
  data: Comparison;
} | {
  ok: true;
  kind: 'plan';
  data: RestorePlan;
} | {
  ok: true;
  kind: 'restore';
  data: Restore;
} | {
  ok: true;
  kind: 'undo';
  data: Restore;
} | {
  ok: false;
  error: {
    code: string;
    message: string;
    hint: string;
  };
};
