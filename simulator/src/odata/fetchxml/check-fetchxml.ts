import { badRequest } from '../../service/errors.ts';
import type { XmlElement } from './parse-fetchxml.ts';

/** Which elements may stand in which, and what attributes they take. Anything else is refused, never ignored. */
const ELEMENTS: Readonly<Record<string, { children: readonly string[]; attributes: readonly string[] }>> = {
  fetch: {
    children: ['entity', 'order'],
    attributes: [
      'version',
      'mapping',
      'output-format',
      'count',
      'page',
      'paging-cookie',
      'top',
      'distinct',
      'aggregate',
      'aggregatelimit',
      'returntotalrecordcount',
      'min-active-row-version',
      'no-lock',
      'latematerialize',
      'late-materialize',
      'options',
      'datasource',
      'useraworderby',
    ],
  },
  entity: {
    children: ['all-attributes', 'no-attrs', 'attribute', 'filter', 'link-entity', 'order'],
    attributes: ['name', 'enableprefiltering', 'prefilterparametername'],
  },
  'link-entity': {
    children: ['all-attributes', 'no-attrs', 'attribute', 'filter', 'link-entity', 'order'],
    attributes: ['name', 'from', 'to', 'alias', 'link-type', 'intersect', 'visible'],
  },
  attribute: {
    children: [],
    attributes: [
      'name',
      'alias',
      'aggregate',
      'groupby',
      'dategrouping',
      'usertimezone',
      'distinct',
      'rowaggregate',
      'build',
      'addedby',
    ],
  },
  'all-attributes': { children: [], attributes: [] },
  'no-attrs': { children: [], attributes: [] },
  order: { children: [], attributes: ['attribute', 'alias', 'descending', 'entityname'] },
  filter: {
    children: ['filter', 'condition', 'link-entity'],
    attributes: ['type', 'hint', 'isquickfindfields', 'overridequickfindrecordlimitenabled'],
  },
  condition: {
    children: ['value'],
    attributes: [
      'attribute',
      'operator',
      'value',
      'valueof',
      'entityname',
      'column',
      'aggregate',
      'alias',
      'uiname',
      'uitype',
      'uihidden',
    ],
  },
  value: { children: [], attributes: ['uiname', 'uitype'] },
};

/** Attributes that take a truth value, with the refusal of each. */
const FLAGS: Readonly<Record<string, string>> = {
  distinct: '0x80041115',
  'no-lock': '0x80041118',
  'min-active-row-version': '0x8004111b',
  descending: '0x80041119',
  groupby: '0x8004112E',
  isquickfindfields: '0x80041138',
  aggregate: '0x8004111a',
};

/** @throws ServiceError 400 for elements, attributes and flags that FetchXML does not have */
export function checkFetchXml(element: XmlElement): void {
  const allowed = Object.hasOwn(ELEMENTS, element.name) ? ELEMENTS[element.name] : undefined;
  if (allowed === undefined) throw invalidNode(element.name);
  for (const [name, value] of Object.entries(element.attributes)) {
    if (name === 'utc-offset') {
      throw badRequest('The utc-offset attribute is not supported for deserialization.', '0x8004111d');
    }
    if (!allowed.attributes.includes(name)) throw invalidNode(`${element.name}/@${name}`);
    checkFlag(element, name, value);
  }
  for (const child of element.children) {
    if (!allowed.children.includes(child.name)) throw invalidNode(`${element.name}/${child.name}`);
    checkFetchXml(child);
  }
}

function checkFlag(element: XmlElement, name: string, value: string): void {
  // On a column, `aggregate` names a function.
  if (name === 'aggregate' && element.name !== 'fetch') return;
  const code = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
  if (code === undefined || /^(true|false|0|1)$/.test(value)) return;
  throw badRequest(`The only valid values for ${name} attribute are 'true', 'false', '1', and '0'.`, code);
}

export function isSet(value: string | undefined): boolean {
  return value === 'true' || value === '1';
}

function invalidNode(name: string) {
  return badRequest(`The element node encountered is invalid. Node: '${name}'.`, '0x8004111c');
}
