import { depthCovers, type RowOwnership } from './access.ts';

const user = { id: 'u1', teamIds: ['t1'], businessUnitId: 'sales' };
const row = (values: Partial<RowOwnership>): RowOwnership => ({
  kind: 'user',
  owner: { table: 'systemuser', id: 'somebody' },
  businessUnit: 'sales',
  ...values,
});
const mine = { owner: { table: 'systemuser', id: 'u1' }, businessUnit: 'elsewhere' };
const myTeams = { owner: { table: 'team', id: 't1' }, businessUnit: 'elsewhere' };
/** The row's unit and those above it. */
const inSales = ['sales', 'root'];
const belowSales = ['sales-north', 'sales', 'root'];
const elsewhere = ['elsewhere', 'root'];

describe('the depth of a privilege over a deleted row', () => {
  it('covers nothing without the privilege, not even an own row', () => {
    expect(depthCovers(undefined, row(mine), user, elsewhere)).toBe(false);
  });

  it('user: covers own rows and those of own teams, no others', () => {
    expect(depthCovers('Basic', row(mine), user, elsewhere)).toBe(true);
    expect(depthCovers('Basic', row(myTeams), user, elsewhere)).toBe(true);
    expect(depthCovers('Basic', row({}), user, inSales)).toBe(false);
    expect(depthCovers('Basic', row({ owner: { table: 'team', id: 'other' } }), user, inSales)).toBe(false);
  });

  it('does not take a team for a user of the same id', () => {
    expect(depthCovers('Basic', row({ owner: { table: 'team', id: 'u1' } }), user, inSales)).toBe(false);
    expect(depthCovers('Basic', row({ owner: { table: 'systemuser', id: 't1' } }), user, inSales)).toBe(
      false,
    );
  });

  it('business unit: covers the same unit, not those below or above it', () => {
    expect(depthCovers('Local', row({}), user, inSales)).toBe(true);
    expect(depthCovers('Local', row({ businessUnit: 'sales-north' }), user, belowSales)).toBe(false);
    expect(depthCovers('Local', row({ businessUnit: 'root' }), user, ['root'])).toBe(false);
    expect(depthCovers('Local', row(mine), user, elsewhere)).toBe(true);
  });

  it('deep: covers the subtree, not the units beside or above it', () => {
    expect(depthCovers('Deep', row({ businessUnit: 'sales-north' }), user, belowSales)).toBe(true);
    expect(depthCovers('Deep', row({}), user, inSales)).toBe(true);
    expect(depthCovers('Deep', row({ businessUnit: 'root' }), user, ['root'])).toBe(false);
    expect(depthCovers('Deep', row({ businessUnit: 'elsewhere' }), user, elsewhere)).toBe(false);
  });

  it('organisation: covers any row', () => {
    expect(depthCovers('Global', row({ owner: null, businessUnit: null }), user, [])).toBe(true);
    expect(
      depthCovers('Global', row({ kind: 'organization', owner: null, businessUnit: null }), user, []),
    ).toBe(true);
  });

  it('covers nothing that is not known: an owner or unit that was not captured, a unit that is gone', () => {
    expect(depthCovers('Basic', row({ owner: null }), user, inSales)).toBe(false);
    expect(depthCovers('Local', row({ businessUnit: null }), user, [])).toBe(false);
    expect(depthCovers('Deep', row({ businessUnit: null }), user, [])).toBe(false);
    expect(depthCovers('Deep', row({ businessUnit: 'gone' }), user, [])).toBe(false);
  });

  it('needs organisation depth for rows that nobody owns', () => {
    const nobodys = row({ kind: 'organization', owner: null });
    for (const depth of ['Basic', 'Local', 'Deep'] as const)
      expect(depthCovers(depth, nobodys, user, inSales)).toBe(false);
  });

  it('judges a row owned by a business unit by the unit alone', () => {
    const unit = row({ kind: 'businessUnit', owner: { table: 'systemuser', id: 'u1' } });
    expect(depthCovers('Basic', unit, user, inSales)).toBe(false);
    expect(depthCovers('Local', unit, user, inSales)).toBe(true);
  });
});
