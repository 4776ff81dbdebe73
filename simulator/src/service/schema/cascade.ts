import type {
  Cascade,
  DeleteCascade,
  OneToManyDefinition,
  TableDefinition,
} from '../../model/definitions.ts';
import type { Environment } from '../environment.ts';
import { badRequest } from '../errors.ts';
import { textMember, type JsonObject } from '../json.ts';
import { objectMember } from './metadata-json.ts';

const CASCADES: readonly Cascade[] = ['NoCascade', 'Cascade', 'Active', 'UserOwned'];
const DELETES: readonly DeleteCascade[] = ['Cascade', 'RemoveLink', 'Restrict', 'NoCascade'];

/**
 * `CascadeConfiguration` as given, over what is there; a new relationship removes the link when its parent is
 * deleted and else does nothing. @throws ServiceError 400 `0x80047007` for a second parental relationship
 */
export function readCascade(
  environment: Environment,
  child: TableDefinition,
  json: JsonObject,
  before?: OneToManyDefinition,
): Partial<OneToManyDefinition['cascade']> {
  const given = objectMember(json, 'CascadeConfiguration') ?? {};
  const read: Partial<OneToManyDefinition['cascade']> = {
    ...(before?.cascade ?? { delete: 'RemoveLink' }),
    ...member(given, 'Assign', 'assign', CASCADES),
    ...member(given, 'Delete', 'delete', DELETES),
    ...member(given, 'Merge', 'merge', CASCADES),
    ...member(given, 'Reparent', 'reparent', CASCADES),
    ...member(given, 'Share', 'share', CASCADES),
    ...member(given, 'Unshare', 'unshare', CASCADES),
  };
  if (isParental(read)) refuseSecondParent(environment, child, before);
  return read;
}

function member<K extends string, V extends string>(
  given: JsonObject,
  name: string,
  key: K,
  values: readonly V[],
): Partial<Record<K, V>> {
  const text = textMember(given, name);
  if (text === undefined) return {};
  const value = values.find((one) => one === text);
  if (value === undefined) throw badRequest(`'${text}' is not a valid cascade for ${name}.`, '0x80047003');
  const read: Partial<Record<K, V>> = {};
  read[key] = value;
  return read;
}

function isParental(cascade: Partial<OneToManyDefinition['cascade']>): boolean {
  const { assign, delete: remove, reparent, share, unshare } = cascade;
  return [assign, remove, reparent, share, unshare].every((one) => one === 'Cascade');
}

function refuseSecondParent(
  environment: Environment,
  child: TableDefinition,
  before: OneToManyDefinition | undefined,
): void {
  const other = environment.schema
    .parents(child.logicalName)
    .find((one) => isParental(one.cascade) && one.schemaName !== before?.schemaName);
  if (other !== undefined)
    throw badRequest('An entity can have only one parental relationship', '0x80047007');
}
