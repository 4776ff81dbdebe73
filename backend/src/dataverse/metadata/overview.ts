import pLimit from 'p-limit';
import { literal, type Json, type WebApi } from '../web-api.ts';
import { columnMetadata, optionsOf } from './columns.ts';
import { flag, label, list, text } from './fields.ts';
import { byCodePoint } from './select.ts';
import type { ColumnMetadata, GlobalChoice, SecurityModel } from './types.ts';

/** Names in one request: their answer is some hundred kilobytes, and the filter fits into a URL. */
const tablesAtOnce = 20;
/** A person may work in the environment meanwhile; and each answer is held whole. */
const requestsAtOnce = 4;

/** An expansion gives only what all kinds of columns have in common. */
const properties = [
  'LogicalName',
  'SchemaName',
  'MetadataId',
  'AttributeTypeName',
  'DisplayName',
  'AttributeOf',
  'IsValidForRead',
  'IsValidForCreate',
  'IsValidForUpdate',
  'IsValidODataAttribute',
  'IsPrimaryId',
  'IsPrimaryName',
  'IsCustomAttribute',
  'IsSecured',
  'RequiredLevel',
  'SourceType',
].join(',');

/**
 * Columns of tables whose rows are not read: enough to name each of them, without the facts of their own types. One
 * request for twenty tables where `readDetails` takes three for each.
 */
export async function readColumns(
  api: WebApi,
  tables: readonly string[],
): Promise<ReadonlyMap<string, readonly ColumnMetadata[]>> {
  const limit = pLimit(requestsAtOnce);
  const starts = tables.flatMap((_, at) => (at % tablesAtOnce === 0 ? [at] : []));
  const read = starts.map((at) => limit(() => readSome(api, tables.slice(at, at + tablesAtOnce))));
  return new Map((await Promise.all(read)).flat());
}

async function readSome(
  api: WebApi,
  tables: readonly string[],
): Promise<(readonly [string, readonly ColumnMetadata[]])[]> {
  const names = tables.map((name) => `LogicalName eq ${literal(name)}`);
  const filter = encodeURIComponent(names.join(' or '));
  const expand = `Attributes($select=${properties})`;
  const answer = await api.list(`EntityDefinitions?$select=LogicalName&$filter=${filter}&$expand=${expand}`, {
    definitions: true,
  });
  return answer.map((table) => {
    const columns = list(table, 'Attributes').map((attribute) => columnMetadata(attribute, undefined));
    return [text(table, 'LogicalName') ?? '', columns.sort((a, b) => byCodePoint(a.name, b.name))];
  });
}

/** Choices that several columns share, in one request: the set takes no filter. */
export async function readGlobalChoices(api: WebApi): Promise<readonly GlobalChoice[]> {
  const sets = await api.list('GlobalOptionSetDefinitions', { definitions: true });
  return sets.map(globalChoiceOf).sort((a, b) => byCodePoint(a.name, b.name));
}

function globalChoiceOf(set: Json): GlobalChoice {
  const name = text(set, 'Name') ?? '';
  return {
    name,
    id: (text(set, 'MetadataId') ?? '').toLowerCase(),
    label: label(set, 'DisplayName') ?? name,
    custom: flag(set, 'IsCustomOptionSet'),
    options: optionsOf({ OptionSet: set }) ?? [],
  };
}

/** Permission value of a profile that allows. */
const allowed = '4';

/** Names of the security roles, and what each column security profile allows. */
export async function readSecurityModel(api: WebApi): Promise<SecurityModel> {
  const [roles, profiles, permissions] = await Promise.all([
    api.list('roles?$select=roleid,name,_businessunitid_value'),
    api.list('fieldsecurityprofiles?$select=fieldsecurityprofileid,name'),
    api.list(
      'fieldpermissions?$select=entityname,attributelogicalname,canread,cancreate,canupdate,_fieldsecurityprofileid_value',
    ),
  ]);
  return {
    roles: roles
      .map((role) => ({
        id: id(role, 'roleid'),
        name: text(role, 'name') ?? '',
        businessUnitId: id(role, '_businessunitid_value'),
      }))
      .sort((a, b) => byCodePoint(a.id, b.id)),
    profiles: profiles
      .map((profile) => profileOf(profile, permissions))
      .sort((a, b) => byCodePoint(a.id, b.id)),
  };
}

function profileOf(profile: Json, permissions: readonly Json[]): SecurityModel['profiles'][number] {
  const profileId = id(profile, 'fieldsecurityprofileid');
  const own = permissions.filter((one) => id(one, '_fieldsecurityprofileid_value') === profileId);
  const allows = (permission: Json, name: string) => String(permission[name]) === allowed;
  return {
    id: profileId,
    name: text(profile, 'name') ?? '',
    permissions: own
      .map((permission) => ({
        table: text(permission, 'entityname') ?? '',
        column: text(permission, 'attributelogicalname') ?? '',
        read: allows(permission, 'canread'),
        create: allows(permission, 'cancreate'),
        update: allows(permission, 'canupdate'),
      }))
      .sort((a, b) => byCodePoint(`${a.table}.${a.column}`, `${b.table}.${b.column}`)),
  };
}

function id(row: Json, name: string): string {
  return (text(row, name) ?? '').toLowerCase();
}
