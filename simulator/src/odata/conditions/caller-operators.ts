import { kindOf } from '../../store/values.ts';
import { linked } from '../../security/rights.ts';
import { unsupportedOperator, type Operator, type Operators, type Target } from './condition.ts';

const ENGLISH = 1033;

/** Is the value one of some ids that depend on the caller? Null never is one. */
function amongIds(name: string, ids: (target: Target) => Iterable<string>, wanted = true): Operators {
  const operator: Operator = {
    takes: 0,
    compile: (target) => {
      if (kindOf(target.column) !== 'guid') throw unsupportedOperator(name, target);
      const set = new Set(ids(target));
      return (text) => (text !== undefined && set.has(text)) === wanted;
    },
  };
  return { [name]: operator };
}

const user = ({ context }: Target) => context.caller.user.userId;
const teams = ({ context }: Target) => context.caller.user.teamIds;
const businessUnit = ({ context }: Target) => context.caller.user.businessUnitId;

/** The caller and everybody who reports to them, over any number of levels. */
function reports(target: Target): ReadonlySet<string> {
  const store = target.context.environment.database.store('systemuser');
  const found = new Set([user(target)]);
  for (const manager of found) {
    for (const id of store.referrers('parentsystemuserid', manager)) found.add(id);
  }
  return found;
}

function teamsOf(target: Target, users: Iterable<string>): string[] {
  const { database } = target.context.environment;
  return [...users].flatMap((id) => linked(database, 'teammembership', 'systemuserid', id, 'teamid'));
}

function language(name: string, wanted: boolean): Operators {
  const operator: Operator = {
    takes: 0,
    compile: (target) => {
      if (kindOf(target.column) !== 'number') throw unsupportedOperator(name, target);
      const { environment } = target.context;
      const own = environment.database.get('usersettings', user(target))?.values['uilanguageid'];
      const code = Number(own ?? environment.setting('languagecode') ?? ENGLISH);
      return (text) => (text !== undefined && Number(text) === code) === wanted;
    },
  };
  return { [name]: operator };
}

/** What depends on who asks. When impersonating, it is the impersonated user. */
export const CALLER_OPERATORS: Operators = {
  ...amongIds('eq-userid', (target) => [user(target)]),
  ...amongIds('ne-userid', (target) => [user(target)], false),
  ...amongIds('eq-businessid', (target) => [businessUnit(target)]),
  ...amongIds('ne-businessid', (target) => [businessUnit(target)], false),
  ...amongIds('eq-userteams', teams),
  ...amongIds('eq-useroruserteams', (target) => [user(target), ...teams(target)]),
  ...amongIds('eq-useroruserhierarchy', reports),
  ...amongIds('eq-useroruserhierarchyandteams', (target) => {
    const users = reports(target);
    return [...users, ...teamsOf(target, users)];
  }),
  ...language('eq-userlanguage', true),
  ...language('ne-userlanguage', false),
};
