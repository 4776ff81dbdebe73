import { DataverseError } from '../errors.ts';
import { parallelismHint } from '../transport/responses.ts';
import { encode, jsonOf, rowsOf, type Json, type WebApi } from '../web-api.ts';
import { child, flag, number, text, texts } from './fields.ts';
import type { Environment } from './types.ts';

const columns = [
  'organizationid',
  'expirechangetrackingindays',
  'maxuploadfilesize',
  '_basecurrencyid_value',
  'languagecode',
  'isauditenabled',
  'blockedattachments',
  'orgdborgsettings',
];

const teamsOrganization = 15;

/** Facts about the environment from its own functions and its one `organization` row. */
export async function readEnvironment(api: WebApi, url: string): Promise<Environment> {
  const who = await api.send({ method: 'GET', url: 'WhoAmI' });
  const identity = await jsonOf(who);
  const [detail, version, organization] = await Promise.all([
    currentOrganization(api),
    api.get('RetrieveVersion').then((answer) => text(answer, 'Version')),
    organizationRow(api),
  ]);
  const currencyId = text(organization, '_basecurrencyid_value');
  return {
    organizationId: lower(detail, 'OrganizationId'),
    environmentId: lower(detail, 'EnvironmentId'),
    tenantId: text(detail, 'TenantId')?.toLowerCase() ?? null,
    uniqueName: text(detail, 'UniqueName') ?? '',
    friendlyName: text(detail, 'FriendlyName') ?? '',
    url,
    version: version ?? text(detail, 'OrganizationVersion') ?? '',
    isTeams: isTeams(detail),
    userId: lower(identity, 'UserId'),
    businessUnitId: lower(identity, 'BusinessUnitId'),
    // The documented default, where the row does not say.
    expireChangeTrackingInDays: number(organization, 'expirechangetrackingindays') ?? 7,
    maxUploadFileSize: number(organization, 'maxuploadfilesize') ?? 5_242_880,
    baseCurrencyId: currencyId?.toLowerCase() ?? null,
    baseCurrencyCode: currencyId === null ? null : await currencyCode(api, currencyId),
    languageCode: number(organization, 'languagecode') ?? null,
    auditEnabled: flag(organization, 'isauditenabled'),
    blockedAttachments: extensions(text(organization, 'blockedattachments') ?? ''),
    ownershipAcrossBusinessUnits: crossOwnership(text(organization, 'orgdborgsettings') ?? ''),
    parallelism: parallelismHint(who),
  };
}

/** Changes with any change of the schema; the annotation is given only on request. */
export async function metadataVersion(api: WebApi): Promise<string> {
  const answer = await api.get('organizations?$select=organizationid', {
    prefer: 'odata.include-annotations="Microsoft.Dynamics.CRM.*"',
  });
  const version = answer['@Microsoft.Dynamics.CRM.globalmetadataversion'];
  if (typeof version === 'string') return version;
  throw new DataverseError('The service does not say which version its metadata has.', {
    kind: 'unexpected-answer',
    status: 200,
    serviceCode: '',
    requestId: null,
  });
}

async function currentOrganization(api: WebApi): Promise<Json> {
  const type = encode("Microsoft.Dynamics.CRM.EndpointAccessType'Default'");
  return child(await api.get(`RetrieveCurrentOrganization(AccessType=@p)?@p=${type}`), 'Detail');
}

async function organizationRow(api: WebApi): Promise<Json> {
  return rowsOf(await api.get(`organizations?$select=${columns.join(',')}`))[0] ?? {};
}

async function currencyCode(api: WebApi, id: string): Promise<string | null> {
  const row = await api.find(`transactioncurrencies(${id})?$select=isocurrencycode`);
  return row === null ? null : text(row, 'isocurrencycode');
}

/** A number in some answers, a name in others. */
function isTeams(detail: Json): boolean {
  return (
    number(detail, 'OrganizationType') === teamsOrganization || text(detail, 'OrganizationType') === 'Teams'
  );
}

function lower(json: Json, name: string): string {
  const value = text(json, name);
  if (value !== null) return value.toLowerCase();
  throw new DataverseError(`The service does not say its ${name}.`, {
    kind: 'unexpected-answer',
    status: 200,
    serviceCode: '',
    requestId: null,
  });
}

function extensions(list: string): string[] {
  return list
    .split(';')
    .map((one) => one.trim().toLowerCase().replace(/^\./, ''))
    .filter((one) => one !== '');
}

/** `orgdborgsettings` is a small XML text of its own. */
function crossOwnership(settings: string): boolean {
  const pattern = /<EnableOwnershipAcrossBusinessUnits>\s*true\s*</i;
  return pattern.test(settings);
}

/** Counts as the service keeps them, up to a day old. It answers for all asked tables or refuses them together. */
export async function approximateCounts(
  api: WebApi,
  tables: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (let at = 0; at < tables.length; at += 50) {
    const names = JSON.stringify(tables.slice(at, at + 50));
    const answer = await api.get(`RetrieveTotalRecordCount(EntityNames=@p1)?@p1=${encode(names)}`);
    const collection = child(answer, 'EntityRecordCountCollection');
    const values = Array.isArray(collection['Values']) ? collection['Values'] : [];
    texts(collection, 'Keys').forEach((name, index) => counts.set(name, Number(String(values[index]))));
  }
  return counts;
}
