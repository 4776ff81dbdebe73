/** Rules for what no recorded source says outright. They hold on the tables whose full definition was recorded. */

const CHOICES = new Set(
  (
    'participationtypemask salesstage timeline need purchasetimeframe purchaseprocess budgetstatus initialcommunication ' +
    'pricingerrorcode propertyconfigurationstatus skippricecalculation componentstate teamtype accessmode caltype ' +
    'incomingemaildeliverymethod outgoingemaildeliverymethod emailrouteraccessapproval community instancetypecode ' +
    'firstresponseslastatus resolvebyslastatus stagecategory productstructure cancreate canread canupdate ' +
    'attachmenterrors notifications correlationmethod emailreminderstatus emailreminderstatus expirationstateid'
  ).split(' '),
);
const NOT_CHOICES =
  /^(timezoneruleversionnumber|utcconversiontimezonecode|.*languagecode|objecttypecode|localeid)$/;

export function isChoice(table, column, model) {
  if (model?.type?.startsWith('listLookup')) return true;
  if (table === 'connectionrole' && column === 'category') return true;
  if (table === 'workflow' && ['category', 'type', 'mode', 'scope', 'runas'].includes(column)) return true;
  return CHOICES.has(column) || (column.endsWith('code') && !NOT_CHOICES.test(column));
}

const MEMOS =
  /(^|_)(description|composite)$|comments?$|^(notetext|documentbody|body|content|clientdata|xaml|customerneed|proposedsolution|currentsituation|qualificationcomments|activityadditionalparams|safedescription|traversedpathxml|query|objective|message|strengths|weaknesses|opportunities|threats|overview|orgdborgsettings|blockedattachments|.*xml)$/;

/** Bodies of files and pages are bounded by settings of the environment, not by their column. */
export const memoLength = (column) =>
  /^(documentbody|body|content|xaml|clientdata|.*xml)$/.test(column) ? 1073741823 : 2000;

export const isMemo = (column, length) => (length ?? 0) >= 2000 || MEMOS.test(column);

const READ_ONLY = new Set(
  (
    'createdby createdon createdonbehalfby modifiedby modifiedon modifiedonbehalfby owninguser owningteam ' +
    'owningbusinessunit exchangerate versionnumber masterid merged onholdtime lastonholdtime slainvokedid ' +
    'entityimageid activitytypecode isregularactivity isdocument filesize yomifullname organizationid ispartydeleted'
  ).split(' '),
);
const READ_ONLY_OF = {
  contact: 'fullname accountid parentcontactid timespentbymeonemailandmeetings isautocreate subscriptionid',
  lead: 'fullname isautocreate subscriptionid masterid',
  systemuser: 'fullname organizationid',
  opportunity:
    'totalamount totalamountlessfreight totaldiscountamount totallineitemamount totallineitemdiscountamount totaltax customerid pricingerrorcode actualvalue_base',
  quote:
    'totalamount totalamountlessfreight totaldiscountamount totallineitemamount totallineitemdiscountamount totaltax revisionnumber',
  salesorder:
    'totalamount totalamountlessfreight totaldiscountamount totallineitemamount totallineitemdiscountamount totaltax',
  invoice:
    'totalamount totalamountlessfreight totaldiscountamount totallineitemamount totallineitemdiscountamount totaltax',
  opportunityproduct: 'baseamount volumediscountamount opportunitystatecode',
  quotedetail: 'baseamount volumediscountamount quotestatecode',
  salesorderdetail: 'baseamount volumediscountamount salesorderstatecode',
  invoicedetail: 'baseamount volumediscountamount invoicestatecode',
  incident: 'firstresponsesent isdecrementing numberofchildincidents activitiescomplete',
  queueitem: 'enteredon objecttypecode workeridmodifiedon',
  activityparty: 'instancetypecode ownerid',
};
// The opportunity's own customer is written through its customer navigation properties.
const WRITABLE_OF = { opportunity: new Set(['customerid']), systemuser: new Set(['organizationid']) };

export function isReadOnly(table, column) {
  if (WRITABLE_OF[table]?.has(column)) return false;
  return (
    READ_ONLY.has(column) ||
    (READ_ONLY_OF[table] ?? '').split(' ').includes(column) ||
    /(_base|composite)$|^aging\d/.test(column)
  );
}

const CREATE_ONLY = new Set(['overriddencreatedon', 'importsequencenumber']);

/** 'c' writable at create, 'u' at update; undefined means both. */
export function writableOf(table, column, type) {
  if (table === 'activitypointer' || table === 'privilege') return '';
  if (isReadOnly(table, column) || type === 'ManagedPropertyType') return '';
  if (CREATE_ONLY.has(column)) return 'c';
  return type === 'StateType' ? 'u' : undefined;
}

/** Lookups without which the service refuses to create the row. */
const REQUIRED = new Set([
  'incident.customerid',
  'customeraddress.parentid',
  'opportunityproduct.opportunityid',
  'quotedetail.quoteid',
  'salesorderdetail.salesorderid',
  'invoicedetail.invoiceid',
  'productpricelevel.uomid',
  'queueitem.queueid',
  'queueitem.objectid',
  'uom.uomscheduleid',
]);
const OPTIONAL = new Set(['annotation.subject', 'product.productnumber', 'productpricelevel.productnumber']);

/** Undefined: nothing better is known than the published model. */
export function requiredOf(table, column) {
  const path = `${table}.${column}`;
  if (REQUIRED.has(path)) return 'SystemRequired';
  return OPTIONAL.has(path) ? 'None' : undefined;
}

const PARENTAL = new Set([
  'contact.parentcustomerid',
  'opportunity.customerid',
  'incident.customerid',
  'opportunityproduct.opportunityid',
  'quotedetail.quoteid',
  'salesorderdetail.salesorderid',
  'invoicedetail.invoiceid',
]);
const OWNED = new Set([
  'activityparty.activityid',
  'activitymimeattachment.objectid',
  'activitymimeattachment.activityid',
  'queueitem.objectid',
  'productpricelevel.pricelevelid',
  'productpricelevel.productid',
  'uom.uomscheduleid',
  'fieldpermission.fieldsecurityprofileid',
  'processstage.processid',
  'opportunityclose.opportunityid',
  'incidentresolution.incidentid',
  'quoteclose.quoteid',
  'orderclose.salesorderid',
]);
const RESTRICTED =
  /^(quote|salesorder|invoice)\.customerid$|\.transactioncurrencyid$|\.(productid|uomid|defaultuomid|defaultuomscheduleid)$|^(opportunity|quote|salesorder|invoice)\.pricelevelid$|^queueitem\.queueid$|^(systemuser|team|role|businessunit)\.(businessunitid|parentbusinessunitid)$|^product\.parentproductid$/;
const FREE =
  /\.(created.*by|modified.*by|owner.*|owning.*|organizationid|stageid|activityid|workerid|entityimageid)$/;

/** Documented behaviour of a lookup whose relationship was not recorded; `twin` is a recorded one of the same column. */
export function cascadeOf(table, column, twin) {
  const path = `${table}.${column}`;
  const all = (action) => ({
    assign: action,
    delete: action,
    merge: action,
    reparent: action,
    share: action,
    unshare: action,
  });
  const only = (action) => ({ ...all('NoCascade'), delete: action });
  if (PARENTAL.has(path)) return all('Cascade');
  if (OWNED.has(path)) return only('Cascade');
  if (twin) return twin;
  if (RESTRICTED.test(path)) return only('Restrict');
  if (FREE.test(path)) return all('NoCascade');
  return only('RemoveLink');
}
