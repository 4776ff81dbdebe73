import type { TableDefinition } from '../model/definitions.ts';
import type { RequestContext } from '../service/context.ts';
import { MAX_PAGE_SIZE } from '../service/context.ts';
import { badRequest, propertyNotFound } from '../service/errors.ts';
import { setName } from '../service/payload.ts';
import type { Row } from '../store/table-store.ts';
import { rowsOf } from './data-sources.ts';
import { aggregateRows } from './fetchxml/aggregate.ts';
import type { XmlElement } from './fetchxml/parse-fetchxml.ts';
import { planOf } from './fetchxml/read-fetchxml.ts';
import { compileFilter } from './filter-evaluate.ts';
import { parseFilter } from './filter-parser.ts';
import { parseCount, parseOrderBy, splitOutside } from './query-options.ts';
import { contextMember, envelope, filterContext, metadataVersionMember } from './read-collection.ts';
import type { ResourceUrl } from './url.ts';

const OTHERS = ['$select', '$expand', '$count', '$skiptoken'];

/** `$apply`: `filter(…)`, then `groupby((…),aggregate(…))` or `aggregate(…)`. Anything else is refused. */
export function readApply(context: RequestContext, table: TableDefinition, url: ResourceUrl): string {
  const { query } = url;
  const other = OTHERS.find((name) => query.has(name));
  if (other !== undefined) throw badRequest(`The query parameter ${other} is not supported with $apply.`);
  const steps = splitOutside(query.get('$apply') ?? '', '/').map(parseStep);
  const last = steps.pop();
  if (last === undefined || last.name === 'filter' || steps.some((step) => step.name !== 'filter')) {
    throw unsupported();
  }
  const filters = [
    ...steps.map((step) => step.text),
    ...(query.has('$filter') ? [query.get('$filter') ?? ''] : []),
  ];
  const tests = filters.map((text) =>
    compileFilter(parseFilter(text, query), table.logicalName, filterContext(context)),
  );
  const fetch = aggregateElement(context, table, last, query.get('$orderby'));
  const plan = planOf(context, table, fetch);
  const rows = aggregateRows(context, fetch, {
    plan,
    source: rowsOf(context, table, undefined),
    orders: [],
    passes: (row: Row) => tests.every((test) => test(row)),
  });
  const top = parseCount('$top', query.get('$top')) ?? MAX_PAGE_SIZE;
  const head = [contextMember(context, setName(table), undefined, []), ...metadataVersionMember(context)];
  return envelope(head, rows.slice(0, top), undefined);
}

interface Step {
  readonly name: string;
  readonly text: string;
}

function parseStep(text: string): Step {
  const match = /^\s*(filter|groupby|aggregate)\s*\((.*)\)\s*$/s.exec(text);
  if (match === null) throw unsupported();
  return { name: match[1]!, text: match[2]! }; // two groups
}

const unsupported = () =>
  badRequest('The $apply transformation is not supported. Use filter, groupby and aggregate.');

function aggregateElement(
  context: RequestContext,
  table: TableDefinition,
  step: Step,
  orderBy: string | undefined,
): XmlElement {
  const entity = element('entity', { name: table.logicalName });
  const scope: Scope = { context, table, entity };
  const [first = '', second, ...more] =
    step.name === 'groupby' ? splitOutside(step.text, ',') : ['()', step.text];
  const groups = /^\s*\((.*)\)\s*$/s.exec(first)?.[1];
  if (groups === undefined) throw unsupported();
  const aggregates = step.name === 'groupby' ? aggregatesOf([second, ...more]) : step.text;
  const names = groups.trim() === '' ? [] : splitOutside(groups, ',').map((name) => name.trim());
  for (const name of names) addGroup(scope, name);
  if (aggregates !== undefined) for (const one of splitOutside(aggregates, ',')) addAggregate(scope, one);
  for (const { property, descending } of parseOrderBy(orderBy)) {
    if (!names.includes(property)) {
      throw badRequest('The query node SingleValueOpenPropertyAccess is not supported');
    }
    entity.children.push(
      element('order', { alias: labelOf(scope, property), descending: String(descending) }),
    );
  }
  return element('fetch', { aggregate: 'true' }, [entity]);
}

/** What stands in `aggregate(…)` beside the groups; undefined where there is nothing. */
function aggregatesOf(parts: readonly (string | undefined)[]): string | undefined {
  const [only, ...others] = parts.filter((part) => part !== undefined);
  if (only === undefined) return undefined;
  const step = others.length === 0 ? parseStep(only) : undefined;
  if (step?.name !== 'aggregate') throw unsupported();
  return step.text;
}

interface Scope {
  readonly context: RequestContext;
  readonly table: TableDefinition;
  readonly entity: XmlElement;
}

function element(
  name: string,
  attributes: XmlElement['attributes'],
  children: XmlElement[] = [],
): XmlElement {
  return { name, attributes, children, text: '' };
}

function addGroup(scope: Scope, name: string): void {
  const { parent, column, type } = target(scope, name);
  if (type === 'DateTimeType') throw badRequest(`Grouping by the date '${name}' is not supported.`);
  parent.children.push(element('attribute', { name: column, alias: labelOf(scope, name), groupby: 'true' }));
}

const FUNCTIONS: Readonly<Record<string, string>> = { sum: 'sum', average: 'avg', min: 'min', max: 'max' };

function addAggregate(scope: Scope, text: string): void {
  const count = /^\s*\$count\s+as\s+([A-Za-z_]\w*)\s*$/.exec(text);
  if (count !== null) {
    const attributes = { name: scope.table.primaryId, alias: count[1]!, aggregate: 'count' }; // one group
    scope.entity.children.push(element('attribute', attributes));
    return;
  }
  const match = /^\s*([\w/]+)\s+with\s+(\w+)\s+as\s+([A-Za-z_]\w*)\s*$/.exec(text);
  const name = match === null ? undefined : FUNCTIONS[match[2]!]; // three groups
  if (match === null || name === undefined)
    throw badRequest(`The aggregate '${text.trim()}' is not supported.`);
  const { parent, column } = target(scope, match[1]!);
  parent.children.push(element('attribute', { name: column, alias: match[3]!, aggregate: name }));
}

/** Columns of the table have their own name; those behind a lookup `contact_fullname`. */
function labelOf(scope: Scope, path: string): string {
  const { parent, column } = target(scope, path);
  return parent === scope.entity ? path : `${parent.attributes['name'] ?? ''}_${column}`;
}

/** Where a property stands: in the table, or in the one that a lookup leads to, which is joined for it. */
function target(scope: Scope, path: string): { parent: XmlElement; column: string; type: string } {
  const { schema } = scope.context.environment;
  const [first = '', second, ...more] = path.split('/');
  if (more.length > 0) throw unsupported();
  const name = second ?? first;
  const navigation = second === undefined ? undefined : schema.navigation(scope.table.logicalName, first);
  if (second !== undefined && navigation?.kind !== 'single')
    throw propertyNotFound(first, scope.table.logicalName);
  const owner =
    navigation?.kind === 'single' ? navigation.relationship.referencedTable : scope.table.logicalName;
  const property = schema.properties(owner).get(name);
  if (property === undefined) throw propertyNotFound(name, owner);
  const { logicalName: column, type } = property.column;
  if (navigation?.kind !== 'single') return { parent: scope.entity, column, type };
  return { parent: joined(scope, first, navigation.relationship), column, type };
}

function joined(
  scope: Scope,
  alias: string,
  relationship: { referencedTable: string; referencedColumn: string; referencingColumn: string },
): XmlElement {
  const found = scope.entity.children.find((child) => child.attributes['alias'] === alias);
  if (found !== undefined) return found;
  const link = element('link-entity', {
    name: relationship.referencedTable,
    from: relationship.referencedColumn,
    to: relationship.referencingColumn,
    alias,
    'link-type': 'outer',
  });
  scope.entity.children.push(link);
  return link;
}
