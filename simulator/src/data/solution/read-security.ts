import type { SeedRole, SeedRow } from '../../model/seed.ts';
import { stableId } from '../stable-id.ts';
import { children, textOf, type XmlElement } from './xml-tree.ts';

const DEPTHS = { Basic: 1, Local: 2, Deep: 4, Global: 8 } as const;

export function readRoles(root: XmlElement): SeedRole[] {
  return children(root, 'Roles', 'Role').map((role) => ({
    id: guid(role.attributes['id']),
    name: role.attributes['name'] ?? '',
    privileges: children(role, 'RolePrivileges', 'RolePrivilege').flatMap(({ attributes }) => {
      const level = attributes['level'];
      if (level !== 'Basic' && level !== 'Local' && level !== 'Deep' && level !== 'Global') return [];
      return [{ name: attributes['name'] ?? '', depth: DEPTHS[level] }];
    }),
  }));
}

/** Column security profiles and their permissions, as rows. */
export function readColumnProfiles(root: XmlElement): SeedRow[] {
  return children(root, 'FieldSecurityProfiles', 'FieldSecurityProfile').flatMap((profile) => {
    const id = guid(profile.attributes['fieldsecurityprofileid']);
    const { name, description } = profile.attributes;
    const row: SeedRow = {
      table: 'fieldsecurityprofile',
      id,
      values: { fieldsecurityprofileid: id, name: name ?? '', ...(description ? { description } : {}) },
    };
    return [
      row,
      ...children(profile, 'FieldPermissions', 'FieldPermission').map((node) => permissionRow(node, id)),
    ];
  });
}

function permissionRow(node: XmlElement, profileId: string): SeedRow {
  const entityname = (textOf(node, 'EntityName') ?? '').toLowerCase();
  const attributelogicalname = (textOf(node, 'AttributeName') ?? '').toLowerCase();
  const id = stableId('column permission', profileId, entityname, attributelogicalname);
  return {
    table: 'fieldpermission',
    id,
    values: {
      fieldpermissionid: id,
      fieldsecurityprofileid: { table: 'fieldsecurityprofile', id: profileId },
      entityname,
      attributelogicalname,
      canread: Number(textOf(node, 'CanRead') ?? 0),
      cancreate: Number(textOf(node, 'CanCreate') ?? 0),
      canupdate: Number(textOf(node, 'CanUpdate') ?? 0),
    },
  };
}

function guid(text: string | undefined): string {
  return (text ?? '').replace(/[{}]/g, '').toLowerCase();
}
