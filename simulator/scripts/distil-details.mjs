/**
 * Distils what recorded table definitions say beyond the facts that the pretend environment works with: flags, managed
 * properties, ids of choices, menus. Written to `simulator/metadata/details.json`, laid over the computed answers.
 * Descriptions are left out. Usage: node simulator/scripts/distil-details.mjs <folder of recorded metadata>
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { XMLParser } from 'fast-xml-parser';

const LISTS = new Set([
  'AttributeMetadata',
  'OneToManyRelationshipMetadata',
  'ManyToManyRelationshipMetadata',
]);

/** Of a table, what is no fact of its own: names, keys, owners and the like are in the other files. */
const TABLE = (
  'IsDocumentManagementEnabled IsOneNoteIntegrationEnabled IsInteractionCentricEnabled IsKnowledgeManagementEnabled ' +
  'IsSLAEnabled IsBPFEntity IsDocumentRecommendationsEnabled IsMSTeamsIntegrationEnabled AutoCreateAccessTeams ' +
  'AutoRouteToOwnerQueue CanTriggerWorkflow EntityHelpUrlEnabled IsAvailableOffline IsChildEntity IsAIRUpdated ' +
  'IsBusinessProcessEnabled SyncToExternalSearchIndex IsImportable IsEnabledForCharts IsEnabledForTrace ' +
  'IsValidForAdvancedFind DaysSinceRecordLastModified IsReadingPaneEnabled IsQuickCreateEnabled IntroducedVersion ' +
  'IsStateModelAware EntityColor IsEnabledForExternalChannels IsPrivate UsesBusinessDataLabelTable HasFeedback ' +
  'HasEmailAddresses OwnerIdType IsAuditEnabled IsValidForQueue IsConnectionsEnabled IsCustomizable IsRenameable ' +
  'IsMappable IsDuplicateDetectionEnabled CanCreateAttributes CanCreateForms CanCreateViews CanCreateCharts ' +
  'CanBeRelatedEntityInRelationship CanBePrimaryEntityInRelationship CanBeInManyToMany ' +
  'CanBeInCustomEntityAssociation CanEnableSyncToExternalSearchIndex CanModifyAdditionalSettings ' +
  'CanChangeHierarchicalRelationship CanChangeTrackingBeEnabled IsMailMergeEnabled IsVisibleInMobile ' +
  'IsVisibleInMobileClient IsReadOnlyInMobileClient IsOfflineInMobileClient'
).split(' ');

/** Flags that many columns share, told once for each combination. */
const COLUMN_FLAGS = (
  'CanBeSecuredForCreate CanBeSecuredForRead CanBeSecuredForUpdate CanModifyAdditionalSettings IsAuditEnabled ' +
  'IsCustomizable IsFilterable IsGlobalFilterEnabled IsLogical IsManaged IsPrimaryId IsRenameable IsRequiredForForm ' +
  'IsRetrievable IsSearchable IsSortableEnabled IsValidForAdvancedFind IsValidForForm IsValidForGrid SourceType ' +
  'AutoNumberFormat IntroducedVersion ImeMode Format IsLocalizable SourceTypeMask'
).split(' ');
/** Their values are facts; only whether they may be changed is told here. */
const COLUMN_RIGHTS = ['RequiredLevel'];
const COLUMN_OWN = [
  'DefaultFormValue',
  'DatabaseLength',
  'YomiOf',
  'DeprecatedVersion',
  'CreatedOn',
  'ModifiedOn',
];
const SET = ['MetadataId', 'IntroducedVersion', 'IsCustomizable'];
const RELATIONSHIP =
  'MetadataId IsValidForAdvancedFind SecurityTypes IntroducedVersion RelationshipBehavior IsCustomizable'.split(
    ' ',
  );
const MENUS = [
  'AssociatedMenuConfiguration',
  'Entity1AssociatedMenuConfiguration',
  'Entity2AssociatedMenuConfiguration',
];
const MENU = 'Behavior Group Order IsCustomizable Icon ViewId AvailableOffline MenuId QueryApi'.split(' ');

const list = (value) => (value === undefined || value === '' ? [] : Array.isArray(value) ? value : [value]);

function main(folder) {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    removeNSPrefix: true,
    parseTagValue: false,
    isArray: (name) => LISTS.has(name),
  });
  const here = fileURLToPath(new URL('../metadata/', import.meta.url));
  const kept = keptRelationships(here);
  const details = { tables: {}, profiles: [], columns: {}, optionSets: {}, relationships: {} };
  const known = new Map();
  for (const file of readdirSync(join(folder, 'entitymetadata')).sort()) {
    const table = parser.parse(readFileSync(join(folder, 'entitymetadata', file), 'utf8')).EntityMetadata;
    details.tables[table.LogicalName] = pick(table, TABLE);
    details.columns[table.LogicalName] = {};
    for (const column of table.Attributes.AttributeMetadata)
      addColumn(details, known, table.LogicalName, column);
    for (const one of relationshipsOf(table))
      if (kept.has(one.SchemaName)) details.relationships[one.SchemaName] ??= relationshipOf(one);
  }
  const file = join(here, 'details.json');
  details.profiles = asDifferences(details.profiles);
  writeFileSync(file, print(details));
  console.log(
    `${file}: ${details.profiles.length} profiles, ${Object.keys(details.relationships).length} relationships`,
  );
}

/** Only relationships that the other files have. */
function keptRelationships(folder) {
  const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  return new Set(
    ['standard.json', 'standard-full.json']
      .flatMap((name) => read(name).oneToMany)
      .concat(['catalog.json', 'catalog-full.json'].flatMap((name) => read(name).manyToMany))
      .map((one) => one.schema),
  );
}

function addColumn(details, known, table, column) {
  const flags = { ...pick(column, COLUMN_FLAGS), ...rights(column) };
  const text = JSON.stringify(flags);
  if (!known.has(text)) known.set(text, details.profiles.push(flags) - 1);
  const own = without(
    pick(column, COLUMN_OWN),
    (name, value) => /On$/.test(name) && value.startsWith('1900-'),
  );
  details.columns[table][column.LogicalName] = [known.get(text), ...(Object.keys(own).length ? [own] : [])];
  if (column.OptionSet?.MetadataId) {
    (details.optionSets[table] ??= {})[column.LogicalName] = pick(column.OptionSet, SET);
  }
}

/** The first profile whole, of the others only what differs from it. What a class lacks it never shows, so it need not be told. */
function asDifferences([first, ...others]) {
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  return [
    first,
    ...others.map((one) =>
      Object.fromEntries(Object.entries(one).filter(([name, value]) => !same(value, first[name]))),
    ),
  ];
}

function rights(column) {
  return Object.fromEntries(
    COLUMN_RIGHTS.map((name) => [name, { CanBeChanged: column[name].CanBeChanged === 'true' }]),
  );
}

function relationshipsOf(table) {
  return [
    ...list(table.OneToManyRelationships.OneToManyRelationshipMetadata),
    ...list(table.ManyToOneRelationships.OneToManyRelationshipMetadata),
    ...list(table.ManyToManyRelationships.ManyToManyRelationshipMetadata),
  ];
}

function relationshipOf(node) {
  const menus = MENUS.filter((name) => node[name])
    .map((name) => [name, menuOf(node[name])])
    .filter(([, menu]) => Object.keys(menu).length > 0);
  return { ...pick(node, RELATIONSHIP), ...Object.fromEntries(menus) };
}

/** What differs from a relationship that stands in no menu. */
function menuOf(node) {
  const usual = { Behavior: 'DoNotDisplay', Group: 'Details', AvailableOffline: true, IsCustomizable: false };
  return without(pick(node, MENU), (name, value) => value === String(usual[name]) || /^[0-]+$/.test(value));
}

function pick(node, names) {
  return Object.fromEntries(
    names.filter((name) => name in node).map((name) => [name, valueOf(node[name], name)]),
  );
}

/** Texts, numbers and flags as JSON has them; managed properties without the name, which never differs. */
function valueOf(node, name) {
  if (typeof node === 'object') {
    if (node['@nil'] === 'true') return null;
    if ('CanBeChanged' in node)
      return { Value: scalar(node.Value), CanBeChanged: node.CanBeChanged === 'true' };
    return 'Value' in node ? { Value: node.Value } : '';
  }
  if (/On$/.test(name)) return `${node}Z`;
  return scalar(node, name);
}

const TEXTS = new Set(['IntroducedVersion', 'DeprecatedVersion', 'AutoNumberFormat']);

function scalar(text, name) {
  if (text === 'true' || text === 'false') return text === 'true';
  return !TEXTS.has(name) && /^-?\d+$/.test(text) ? Number(text) : text;
}

function without(object, unwanted) {
  return Object.fromEntries(
    Object.entries(object).filter(([name, value]) => value !== null && !unwanted(name, String(value))),
  );
}

/** One line for each table, profile, column and relationship. */
function print(details) {
  const lines = (object) =>
    Object.entries(object)
      .map(([name, value]) => ` ${JSON.stringify(name)}: ${JSON.stringify(value)}`)
      .join(',\n');
  const nested = (object) =>
    Object.entries(object)
      .map(([name, value]) => `${JSON.stringify(name)}: {\n${lines(value)}\n}`)
      .join(',\n');
  return `{
"tables": {\n${lines(details.tables)}\n},
"profiles": [\n${details.profiles.map((one) => ` ${JSON.stringify(one)}`).join(',\n')}\n],
"columns": {\n${nested(details.columns)}\n},
"optionSets": {\n${nested(details.optionSets)}\n},
"relationships": {\n${lines(details.relationships)}\n}
}
`;
}

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('Usage: node simulator/scripts/distil-details.mjs <folder of recorded metadata>');
  process.exitCode = 2;
} else main(folder);
