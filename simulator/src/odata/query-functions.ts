/** What a query function of `$filter` takes beside `PropertyName`, in the order of the operator's values. */
export type ValueParameters =
  | readonly []
  | readonly ['PropertyValue']
  | readonly ['PropertyValues']
  | readonly ['PropertyValue1', 'PropertyValue2'];

export interface QueryFunction {
  /** The operator of FetchXML that means the same. */
  readonly operator: string;
  readonly parameters: ValueParameters;
}

const NONE = [] as const;
const ONE = ['PropertyValue'] as const;
const MANY = ['PropertyValues'] as const;
const TWO = ['PropertyValue1', 'PropertyValue2'] as const;

const UNITS = ['Hours', 'Days', 'Weeks', 'Months', 'Years'] as const;
const OLDER_UNITS = ['Minutes', ...UNITS] as const;

function functions(
  parameters: ValueParameters,
  names: Readonly<Record<string, string>>,
): (readonly [string, QueryFunction])[] {
  return Object.entries(names).map(([name, operator]) => [name, { operator, parameters }]);
}

function countedUnits(): Record<string, string> {
  const names: Record<string, string> = {};
  for (const unit of UNITS) {
    names[`LastX${unit}`] = `last-x-${unit.toLowerCase()}`;
    names[`NextX${unit}`] = `next-x-${unit.toLowerCase()}`;
  }
  for (const unit of OLDER_UNITS) names[`OlderThanX${unit}`] = `olderthan-x-${unit.toLowerCase()}`;
  return names;
}

/** The functions of the namespace `Microsoft.Dynamics.CRM` that `$filter` may call. */
export const QUERY_FUNCTIONS: ReadonlyMap<string, QueryFunction> = new Map([
  ...functions(NONE, {
    Yesterday: 'yesterday',
    Today: 'today',
    Tomorrow: 'tomorrow',
    Last7Days: 'last-seven-days',
    Next7Days: 'next-seven-days',
    LastWeek: 'last-week',
    ThisWeek: 'this-week',
    NextWeek: 'next-week',
    LastMonth: 'last-month',
    ThisMonth: 'this-month',
    NextMonth: 'next-month',
    LastYear: 'last-year',
    ThisYear: 'this-year',
    NextYear: 'next-year',
    LastFiscalYear: 'last-fiscal-year',
    ThisFiscalYear: 'this-fiscal-year',
    NextFiscalYear: 'next-fiscal-year',
    LastFiscalPeriod: 'last-fiscal-period',
    ThisFiscalPeriod: 'this-fiscal-period',
    NextFiscalPeriod: 'next-fiscal-period',
    EqualUserId: 'eq-userid',
    NotEqualUserId: 'ne-userid',
    EqualBusinessId: 'eq-businessid',
    NotEqualBusinessId: 'ne-businessid',
    EqualUserTeams: 'eq-userteams',
    EqualUserOrUserTeams: 'eq-useroruserteams',
    EqualUserOrUserHierarchy: 'eq-useroruserhierarchy',
    EqualUserOrUserHierarchyAndTeams: 'eq-useroruserhierarchyandteams',
    EqualUserLanguage: 'eq-userlanguage',
  }),
  ...functions(ONE, {
    ...countedUnits(),
    On: 'on',
    OnOrBefore: 'on-or-before',
    OnOrAfter: 'on-or-after',
    LastXFiscalYears: 'last-x-fiscal-years',
    NextXFiscalYears: 'next-x-fiscal-years',
    LastXFiscalPeriods: 'last-x-fiscal-periods',
    NextXFiscalPeriods: 'next-x-fiscal-periods',
    InFiscalYear: 'in-fiscal-year',
    InFiscalPeriod: 'in-fiscal-period',
    Above: 'above',
    AboveOrEqual: 'eq-or-above',
    Under: 'under',
    UnderOrEqual: 'eq-or-under',
    NotUnder: 'not-under',
  }),
  ...functions(MANY, {
    In: 'in',
    NotIn: 'not-in',
    Between: 'between',
    NotBetween: 'not-between',
    ContainValues: 'contain-values',
    DoesNotContainValues: 'not-contain-values',
  }),
  ...functions(TWO, {
    InFiscalPeriodAndYear: 'in-fiscal-period-and-year',
    InOrBeforeFiscalPeriodAndYear: 'in-or-before-fiscal-period-and-year',
    InOrAfterFiscalPeriodAndYear: 'in-or-after-fiscal-period-and-year',
  }),
]);
