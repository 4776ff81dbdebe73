import type { Column, Table } from './tables.ts';
import type { Row } from './web-api.ts';

/** Which columns of a table go on the first tab, when nobody has designed a form for it. */

const simple = new Set(['String', 'Memo', 'Integer', 'Decimal', 'Double', 'Money', 'Boolean', 'Picklist']);
/** What people put first on the forms of the best known tables; others follow as the metadata lists them. */
const familiar = [
  'firstname',
  'lastname',
  'jobtitle',
  'subject',
  'accountnumber',
  'telephone1',
  'mobilephone',
  'emailaddress1',
  'websiteurl',
  'industrycode',
  'customertypecode',
  'paymenttermscode',
  'creditlimit',
  'revenue',
  'estimatedvalue',
  'numberofemployees',
  'prioritycode',
  'address1_line1',
  'address1_city',
  'address1_country',
  'description',
];
const machinery =
  /^(importsequencenumber|timezoneruleversionnumber|utcconversiontimezonecode|versionnumber|exchangerate|traversedpath|.*_base|yomi.*|.*yominame|.*addressid|entityimage.*|stageid|processid)$/;
const count = 14;

export function summaryColumns(columns: readonly Column[], table: Table, row: Row): Column[] {
  const usable = columns.filter(
    ({ name, type, canUpdate, canRead }) => simple.has(type) && canUpdate && canRead && !machinery.test(name),
  );
  const rank = ({ name }: Column): number => {
    if (name === table.primaryName) return 0;
    const hasValue = row[name] !== null && row[name] !== undefined;
    const known = familiar.indexOf(name);
    if (known >= 0) return 1 + known;
    return hasValue ? 100 : 200;
  };
  return [...usable].sort((a, b) => rank(a) - rank(b)).slice(0, count);
}
