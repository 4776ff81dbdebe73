import type { Values } from '../base/value.ts';
import type { ColumnMetadata, TableDetails } from '../dataverse/index.ts';
import type { ColumnSchema, ColumnType, TableSchema } from '../vault/index.ts';
import { noColumnSecurity } from './context.ts';
import { planRow, type RowChoices, type RowFacts } from './plan-row.ts';
import type { PlannedRow } from './plan.ts';

const id = '0f2c1b7e-58a1-4a8e-9d53-7b0c6a1e2d34';
const other = '11111111-1111-4111-8111-111111111111';

const live = (
  name: string,
  kind: ColumnMetadata['kind'],
  more: Partial<ColumnMetadata> = {},
): ColumnMetadata => ({
  name,
  schemaName: name,
  id: `id of ${name}`,
  kind,
  label: name.toUpperCase(),
  validForRead: true,
  validForCreate: true,
  validForUpdate: true,
  validOData: true,
  isPrimaryId: false,
  isPrimaryName: false,
  custom: false,
  attributeOf: null,
  required: 'none',
  secured: false,
  source: 'simple',
  ...more,
});

const columns: readonly (readonly [ColumnMetadata, ColumnType])[] = [
  [live('name', 'text'), 'string'],
  [live('phone', 'text'), 'string'],
  [live('rating', 'integer', { validForCreate: false, validForUpdate: false }), 'int'],
  [live('total', 'money', { source: 'rollup' }), 'decimal'],
  [live('parent', 'lookup'), 'lookup'],
  [live('customer', 'customer', { required: 'system' }), 'lookup'],
  [live('secret', 'text', { secured: true }), 'string'],
  [live('ownerid', 'owner'), 'lookup'],
  [live('createdon', 'datetime', { validForCreate: false, validForUpdate: false }), 'timestamp'],
  [live('approved', 'boolean'), 'boolean'],
  [
    live('statecode', 'state', {
      validForCreate: false,
      options: [{ value: 0, label: 'Open', defaultStatus: 1 }],
    }),
    'int',
  ],
  [live('statuscode', 'status'), 'int'],
  [live('modifiedon', 'datetime', { validForCreate: false, validForUpdate: false }), 'timestamp'],
];

function details(name = 'thing'): TableDetails {
  return {
    name,
    schemaName: name,
    id: 'table id',
    label: 'Thing',
    collectionLabel: 'Things',
    kind: 'standard',
    entitySet: 'things',
    exposed: true,
    primaryId: 'thingid',
    primaryName: 'name',
    primaryImage: null,
    objectTypeCode: 10_000,
    ownership: 'user',
    custom: true,
    isPrivate: false,
    isLogical: false,
    isSolutionAware: false,
    isBusinessProcessFlow: false,
    hasNotes: false,
    hasActivities: false,
    changeTracking: true,
    changeTrackingPossible: true,
    optimisticConcurrency: true,
    enforcesStateTransitions: false,
    privileges: [],
    columns: columns.map(([column]) => column),
    manyToOne: [],
    oneToMany: [],
    manyToMany: [],
    keys: [],
  };
}

const schema: TableSchema = {
  format: 1,
  table: 'thing',
  tableId: 'table id',
  label: 'Thing',
  kind: 'standard',
  key: ['thingid'],
  primaryId: 'thingid',
  primaryName: 'name',
  columns: columns.map(([column, type]): ColumnSchema => ({
    name: column.name,
    id: column.id,
    type,
    deltaName: column.name,
    label: column.label,
  })),
};

const choices: RowChoices = {
  columns: 'all',
  overwrite: false,
  security: noColumnSecurity,
  badTargets: new Map(),
  mayOverrideCreatedOn: true,
  mayAssign: true,
  ownershipAcrossBusinessUnits: false,
  lastSaved: null,
};

function plan(
  values: { readonly wanted: Values; readonly bad?: Values; readonly now: Values | null },
  more: Partial<RowChoices> = {},
  table = details(),
) {
  const facts: RowFacts = {
    details: table,
    schema,
    schemaId: 's',
    id,
    name: null,
    wanted: { values: values.wanted, contents: {} },
    bad: values.bad ?? null,
    since: [],
    now: values.now === null ? null : { etag: 'W/"1"', values: values.now },
    needs: null,
  };
  return planRow(facts, { ...choices, ...more });
}

const decisionsOf = (row: PlannedRow) =>
  Object.fromEntries(row.columns.map(({ name, decision }) => [name, decision]));

describe('planning a live row', () => {
  it('decides each column on its own and writes only what went bad', () => {
    const { row } = plan({
      wanted: { name: 'A', phone: '1', rating: 5 },
      bad: { name: 'X', phone: '1', rating: 6 },
      now: { name: 'X', phone: '2', rating: 6 },
    });
    expect(decisionsOf(row)).toMatchObject({
      name: 'restore',
      phone: 'untouched',
      rating: 'cannot',
      parent: 'not-captured',
    });
    expect(row.action).toBe('update');
    expect(row.etag).toBe('W/"1"');
  });

  it('has no action when nothing is to be written', () => {
    const { row } = plan({ wanted: { name: 'A' }, bad: { name: 'X' }, now: { name: 'A' } });
    expect(row.action).toBe('none');
  });

  it('plans the named columns and no others', () => {
    const { row } = plan(
      { wanted: { name: 'A', phone: '1' }, bad: { name: 'X', phone: '2' }, now: { name: 'Y', phone: '2' } },
      { columns: ['name'] },
    );
    expect(decisionsOf(row)).toEqual({ name: 'restore' });
  });

  it('never plans what is computed, set by the platform, or hidden from the requester', () => {
    const values = { total: '1', modifiedon: '2026-01-01T00:00:00Z', secret: 's' };
    const now = { total: '2', modifiedon: '2026-02-01T00:00:00Z', secret: 't' };
    const security = { hidden: new Set(['secret']), writableSecured: new Set<string>() };
    const { row } = plan({ wanted: values, bad: now, now }, { security });
    expect(decisionsOf(row)['total']).toBe('cannot');
    expect(decisionsOf(row)).not.toHaveProperty('modifiedon');
    expect(decisionsOf(row)).not.toHaveProperty('secret');
  });

  it('says that column security forbids a write', () => {
    const security = { hidden: new Set<string>(), writableSecured: new Set<string>() };
    const { row } = plan(
      { wanted: { secret: 's' }, bad: { secret: 't' }, now: { secret: 't' } },
      { security },
    );
    expect(row.columns.find(({ name }) => name === 'secret')).toMatchObject({
      decision: 'cannot',
      why: expect.stringContaining('security'),
    });
  });

  it('leaves a lookup as it is when its target is gone, and says what can be done', () => {
    const gone = { table: 'account', id: other };
    const badTargets = new Map([[`account:${other}`, 'gone']]);
    const { row, problems } = plan(
      { wanted: { parent: gone }, bad: { parent: null }, now: { parent: null } },
      { badTargets },
    );
    expect(decisionsOf(row)['parent']).toBe('cannot');
    expect(problems).toMatchObject([{ code: 'lookup-target-missing', column: 'parent' }]);
    expect(problems[0]?.waysOut[0]).toContain('as it is now');
  });

  it('takes state and status together, last', () => {
    const { row } = plan({
      wanted: { statecode: 1, statuscode: 2 },
      bad: { statecode: 0, statuscode: 1 },
      now: { statecode: 0, statuscode: 1 },
    });
    expect(row.state).toEqual({ state: 1, status: 2 });
    expect(
      row.columns.filter(({ decision }) => decision === 'restore').every(({ step }) => step === 'state'),
    ).toBe(true);
  });

  it('opens a locked row first and closes it again', () => {
    const closed = { statecode: 2, statuscode: 4 };
    const { row } = plan(
      { wanted: { name: 'A', ...closed }, bad: { name: 'X', ...closed }, now: { name: 'X', ...closed } },
      {},
      details('quote'),
    );
    expect(row.open).toEqual({ state: 0, status: 1 });
    expect(row.state).toEqual({ state: 2, status: 4 });
  });
});

describe('planning a row that is gone', () => {
  it('creates it with all that was captured, its createdon and its state', () => {
    const wanted = { name: 'A', phone: null, createdon: '2020-01-01T00:00:00Z', statecode: 1, statuscode: 2 };
    const { row } = plan({ wanted, now: null });
    expect(row).toMatchObject({
      action: 'create',
      createdOn: '2020-01-01T00:00:00Z',
      state: { state: 1, status: 2 },
    });
    expect(decisionsOf(row)).toMatchObject({
      name: 'restore',
      phone: 'already-right',
      parent: 'not-captured',
    });
  });

  it('says that created on will differ without the privilege', () => {
    const { row } = plan(
      { wanted: { createdon: '2020-01-01T00:00:00Z' }, now: null },
      { mayOverrideCreatedOn: false },
    );
    expect(row.createdOn).toBeNull();
    expect(row.columns.find(({ name }) => name === 'createdon')).toMatchObject({
      decision: 'cannot',
      why: expect.stringContaining('Will differ'),
    });
  });

  it('needs no state step when the row is born in the wanted state', () => {
    expect(plan({ wanted: { statecode: 0, statuscode: 1 }, now: null }).row.state).toBeNull();
  });

  it('empties a yes/no that may be born with a default, after the row is there', () => {
    const { row } = plan({ wanted: { approved: null }, now: null });
    expect(row.columns.find(({ name }) => name === 'approved')).toMatchObject({
      decision: 'restore',
      step: 'later',
    });
  });

  it('refers to itself only once it is there', () => {
    const { row } = plan({ wanted: { parent: { table: 'thing', id } }, now: null });
    expect(row.columns.find(({ name }) => name === 'parent')).toMatchObject({
      decision: 'restore',
      step: 'later',
    });
  });

  it('is not created without a record that the platform requires', () => {
    const badTargets = new Map([[`account:${other}`, 'gone']]);
    const { row, problems } = plan(
      { wanted: { customer: { table: 'account', id: other } }, now: null },
      { badTargets },
    );
    expect(row.action).toBe('none');
    expect(problems).toMatchObject([{ code: 'required-target-missing' }]);
  });

  it('falls back to whoever restores when the owner is disabled', () => {
    const badTargets = new Map([[`owner:${other}`, 'The owner is disabled.']]);
    const { row, problems } = plan(
      { wanted: { ownerid: { table: 'systemuser', id: other } }, now: null },
      { badTargets },
    );
    expect(decisionsOf(row)['ownerid']).toBe('cannot');
    expect(problems).toMatchObject([{ code: 'owner-unusable' }]);
  });
});

describe('a value that will not come back', () => {
  const createdon = '2026-01-01T00:00:00Z';
  const secret = { wanted: { secret: 's' }, bad: { secret: 'x' }, now: { secret: 'x' } };
  const closed = { security: { hidden: new Set<string>(), writableSecured: new Set<string>() } };
  const codes = ({ problems }: ReturnType<typeof plan>) => problems.map(({ code, column }) => [code, column]);

  it('is a problem where rights or column security stand in the way', () => {
    const row = { wanted: { createdon }, now: null };
    expect(codes(plan(row, { mayOverrideCreatedOn: false }))).toEqual([['column-not-restored', 'createdon']]);
    expect(codes(plan(secret, closed))).toEqual([['column-not-restored', 'secret']]);
    expect(codes(plan(secret))).toEqual([]);
  });

  it('is a problem where it was asked for by name', () => {
    const rating = { wanted: { rating: 5 }, bad: { rating: 6 }, now: { rating: 6 } };
    expect(codes(plan(rating))).toEqual([]);
    expect(codes(plan(rating, { columns: ['rating'] }))).toEqual([['column-not-restored', 'rating']]);
    const missing = { wanted: { phone: '1' }, now: { phone: '1', name: 'A' } };
    expect(codes(plan(missing, { columns: ['name'] }))).toEqual([['column-not-restored', 'name']]);
  });
});
