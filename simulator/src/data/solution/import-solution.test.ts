import { strToU8, zipSync } from 'fflate';
import type { ColumnDefinition, SchemaDefinition, TableDefinition } from '../../model/definitions.ts';
import { builtInSchema } from '../built-in-schema.ts';
import { importSolution } from './import-solution.ts';
import { SolutionError } from './solution-error.ts';

const base = builtInSchema();

interface Attribute {
  readonly name: string;
  readonly type: string;
  readonly more?: string;
}

const attribute = ({
  name,
  type,
  more = '',
}: Attribute): string => `<attribute PhysicalName="${name}"><Type>${type}</Type><Name>${name.toLowerCase()}</Name>
  <LogicalName>${name.toLowerCase()}</LogicalName><RequiredLevel>none</RequiredLevel><IsCustomField>1</IsCustomField>
  <ValidForUpdateApi>1</ValidForUpdateApi><ValidForReadApi>1</ValidForReadApi><ValidForCreateApi>1</ValidForCreateApi>${more}
  <displaynames><displayname description="Nom" languagecode="1036" /><displayname description="The ${name}" languagecode="1033" /></displaynames></attribute>`;

const options = (
  kind: string,
): string => `<optionset Name="zoo_${kind}"><OptionSetType>picklist</OptionSetType><options>
  <option value="2"><labels><label description="Two" languagecode="1033" /></labels></option>
  <option value="1"><labels><label description="One" languagecode="1033" /></labels></option></options></optionset>`;

const CUSTOMIZATIONS = `<ImportExportXml xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <Entities>
    <Entity><Name LocalizedName="Animal" OriginalName="Animal">zoo_Animal</Name><EntityInfo><entity Name="zoo_Animal">
      <LocalizedNames><LocalizedName description="Animal" languagecode="1033" /></LocalizedNames>
      <LocalizedCollectionNames><LocalizedCollectionName description="Beasts" languagecode="1033" /></LocalizedCollectionNames>
      <attributes>
        ${attribute({ name: 'zoo_AnimalId', type: 'primarykey' })}
        ${attribute({ name: 'zoo_Name', type: 'nvarchar', more: '<DisplayMask>PrimaryName|ValidForForm</DisplayMask><MaxLength>77</MaxLength><Format>email</Format>' })}
        ${attribute({ name: 'zoo_Kind', type: 'picklist', more: `<AppDefaultValue>2</AppDefaultValue>${options('kind')}` })}
        ${attribute({ name: 'zoo_Shared', type: 'multiselectpicklist', more: '<OptionSetName>zoo_shared</OptionSetName>' })}
        ${attribute({ name: 'zoo_Born', type: 'datetime', more: '<Format>date</Format><Behavior>2</Behavior>' })}
        ${attribute({ name: 'zoo_Weight', type: 'decimal', more: '<MinValue>0</MinValue><MaxValue>9000</MaxValue><Accuracy>7</Accuracy>' })}
        ${attribute({ name: 'zoo_Age', type: 'int', more: '<SourceType>1</SourceType>' })}
        ${attribute({ name: 'zoo_Paper', type: 'file', more: '<MaxValue>2048</MaxValue>' })}
        ${attribute({ name: 'zoo_Photo', type: 'image', more: '<IsPrimaryImage>1</IsPrimaryImage><CanStoreFullImage>1</CanStoreFullImage><MaxSizeInKB>30720</MaxSizeInKB>' })}
        ${attribute({ name: 'zoo_Secret', type: 'ntext', more: '<IsSecured>1</IsSecured><MaxLength>5000</MaxLength>' })}
        ${attribute({ name: 'zoo_Owner', type: 'lookup', more: '<LookupTypes />' })}
        ${attribute({ name: 'zoo_Friend', type: 'lookup', more: '<LookupTypes />' })}
        <attribute PhysicalName="statecode"><Type>state</Type><LogicalName>statecode</LogicalName><ValidForCreateApi>0</ValidForCreateApi>
          <optionset Name="zoo_animal_statecode"><OptionSetType>state</OptionSetType><states>
            <state value="0" defaultstatus="1" invariantname="Alive"><labels><label description="Alive" languagecode="1033" /></labels></state>
            <state value="1" defaultstatus="2" invariantname="Gone"><labels><label description="Gone" languagecode="1033" /></labels></state>
          </states></optionset></attribute>
        <attribute PhysicalName="statuscode"><Type>status</Type><LogicalName>statuscode</LogicalName>
          <optionset Name="zoo_animal_statuscode"><OptionSetType>status</OptionSetType><statuses>
            <status value="1" state="0"><labels><label description="Well" languagecode="1033" /></labels></status>
            <status value="2" state="1"><labels><label description="Moved" languagecode="1033" /></labels></status>
          </statuses></optionset></attribute>
      </attributes>
      <EntitySetName>zoo_beasts</EntitySetName><OwnershipTypeMask>UserOwned</OwnershipTypeMask><IsActivity>0</IsActivity>
      <ChangeTrackingEnabled>1</ChangeTrackingEnabled><HasRelatedNotes>True</HasRelatedNotes><HasRelatedActivities>True</HasRelatedActivities>
      <EntityKeys><EntityKey><Name>zoo_ByName</Name><LogicalName>zoo_byname</LogicalName><EntityKeyAttributes><AttributeName>zoo_name</AttributeName></EntityKeyAttributes></EntityKey></EntityKeys>
    </entity></EntityInfo></Entity>
    <Entity><Name>Account</Name><EntityInfo><entity Name="Account"><attributes>
      ${attribute({ name: 'zoo_Members', type: 'int' })}
      ${attribute({ name: 'Name', type: 'nvarchar', more: '<MaxLength>1</MaxLength>' })}
    </attributes></entity></EntityInfo></Entity>
    <Entity><Name>Contact</Name><EntityInfo><entity Name="Contact"><attributes /></entity></EntityInfo></Entity>
  </Entities>
  <Roles><Role id="{AAAAAAAA-0000-0000-0000-000000000001}" name="Keeper"><RolePrivileges>
    <RolePrivilege name="prvReadzoo_Animal" level="Global" /><RolePrivilege name="prvWritezoo_Animal" level="Local" /></RolePrivileges></Role></Roles>
  <FieldSecurityProfiles><FieldSecurityProfile name="Vets" description="May read secrets" fieldsecurityprofileid="{BBBBBBBB-0000-0000-0000-000000000001}"><FieldPermissions>
    <FieldPermission><EntityName>zoo_animal</EntityName><AttributeName>zoo_secret</AttributeName><CanRead>4</CanRead><CanUpdate>0</CanUpdate><CanCreate>0</CanCreate></FieldPermission>
  </FieldPermissions></FieldSecurityProfile></FieldSecurityProfiles>
  <optionsets>${options('shared')}</optionsets>
  <EntityRelationships>
    <EntityRelationship Name="zoo_account_animals"><EntityRelationshipType>OneToMany</EntityRelationshipType><ReferencingEntityName>zoo_Animal</ReferencingEntityName>
      <ReferencedEntityName>Account</ReferencedEntityName><CascadeDelete>Restrict</CascadeDelete><CascadeAssign>Cascade</CascadeAssign><ReferencingAttributeName>zoo_Owner</ReferencingAttributeName></EntityRelationship>
    <EntityRelationship Name="zoo_contact_animals"><EntityRelationshipType>OneToMany</EntityRelationshipType><ReferencingEntityName>zoo_Animal</ReferencingEntityName>
      <ReferencedEntityName>Contact</ReferencedEntityName><CascadeDelete>RemoveLink</CascadeDelete><ReferencingAttributeName>zoo_Owner</ReferencingAttributeName></EntityRelationship>
    <EntityRelationship Name="zoo_stranger_animals"><EntityRelationshipType>OneToMany</EntityRelationshipType><ReferencingEntityName>zoo_Animal</ReferencingEntityName>
      <ReferencedEntityName>Stranger</ReferencedEntityName><ReferencingAttributeName>zoo_Owner</ReferencingAttributeName></EntityRelationship>
    <EntityRelationship Name="zoo_animal_friends"><EntityRelationshipType>OneToMany</EntityRelationshipType><IsHierarchical>1</IsHierarchical><ReferencingEntityName>zoo_Animal</ReferencingEntityName>
      <ReferencedEntityName>zoo_Animal</ReferencedEntityName><CascadeDelete>RemoveLink</CascadeDelete><ReferencingAttributeName>zoo_Friend</ReferencingAttributeName>
      <EntityRelationshipRoles><EntityRelationshipRole><NavigationPropertyName>zoo_BestFriend</NavigationPropertyName><RelationshipRoleType>1</RelationshipRoleType></EntityRelationshipRole>
      <EntityRelationshipRole><NavigationPropertyName>zoo_Friends</NavigationPropertyName><RelationshipRoleType>0</RelationshipRoleType></EntityRelationshipRole></EntityRelationshipRoles></EntityRelationship>
    <EntityRelationship Name="zoo_animal_contact"><EntityRelationshipType>ManyToMany</EntityRelationshipType><FirstEntityName>zoo_Animal</FirstEntityName>
      <SecondEntityName>Contact</SecondEntityName><IntersectEntityName>zoo_Animal_Contact</IntersectEntityName></EntityRelationship>
  </EntityRelationships>
</ImportExportXml>`;

const MANIFEST =
  '<ImportExportXml><SolutionManifest><UniqueName>Zoo</UniqueName><Version>1.2.3.4</Version></SolutionManifest></ImportExportXml>';

const zip = (customizations = CUSTOMIZATIONS): Uint8Array =>
  zipSync({
    'solution.xml': strToU8(`\uFEFF${MANIFEST}`),
    'customizations.xml': strToU8(customizations),
    '[Content_Types].xml': strToU8('<Types />'),
  });

const imported = importSolution(zip(), base);

function tableOf(schema: SchemaDefinition, name: string): TableDefinition {
  const found = schema.tables.find((table) => table.logicalName === name);
  if (!found) throw new Error(`no table ${name}`);
  return found;
}

function columnOf(table: string, name: string): ColumnDefinition {
  const found = tableOf(imported.schema, table).columns.get(name);
  if (!found) throw new Error(`no column ${table}.${name}`);
  return found;
}

test('a new table keeps its names, sets, keys and flags', () => {
  expect(imported).toMatchObject({ uniqueName: 'Zoo', version: '1.2.3.4' });
  expect(tableOf(imported.schema, 'zoo_animal')).toMatchObject({
    schemaName: 'zoo_Animal',
    entitySetName: 'zoo_beasts',
    displayName: 'Animal',
    displayCollectionName: 'Beasts',
    primaryId: 'zoo_animalid',
    primaryName: 'zoo_name',
    primaryImage: 'zoo_photo',
    ownership: 'UserOwned',
    changeTracking: true,
    hasNotes: true,
    keys: [{ logicalName: 'zoo_byname', columns: ['zoo_name'] }],
  });
  expect(columnOf('zoo_animal', 'versionnumber').type).toBe('BigIntType');
  expect(columnOf('zoo_animal', 'ownerid').type).toBe('OwnerType');
});

test('columns keep type, label, limits, options and rights', () => {
  expect(columnOf('zoo_animal', 'zoo_name')).toMatchObject({
    schemaName: 'zoo_Name',
    displayName: 'The zoo_Name',
    maxLength: 77,
    format: 'Email',
  });
  expect(columnOf('zoo_animal', 'zoo_kind')).toMatchObject({
    defaultValue: 2,
    options: [
      { value: 1, label: 'One' },
      { value: 2, label: 'Two' },
    ],
  });
  expect(columnOf('zoo_animal', 'zoo_shared').options).toHaveLength(2);
  expect(columnOf('zoo_animal', 'zoo_born')).toMatchObject({ dateBehavior: 'DateOnly', format: 'DateOnly' });
  expect(columnOf('zoo_animal', 'zoo_weight')).toMatchObject({
    minValue: '0',
    maxValue: '9000',
    precision: 7,
  });
  expect(columnOf('zoo_animal', 'zoo_age')).toMatchObject({
    sourceType: 1,
    validForCreate: false,
    validForUpdate: false,
  });
  expect(columnOf('zoo_animal', 'zoo_paper')).toMatchObject({
    type: 'FileType',
    maxSizeKb: 2048,
    validForCreate: false,
  });
  expect(columnOf('zoo_animal', 'zoo_photo')).toMatchObject({
    type: 'ImageType',
    primaryImage: true,
    canStoreFullImage: true,
    maxSizeKb: 30720,
  });
  expect(columnOf('zoo_animal', 'zoo_secret')).toMatchObject({ type: 'MemoType', secured: true });
  expect(columnOf('zoo_animal', 'statecode')).toMatchObject({
    validForCreate: false,
    options: [
      { label: 'Alive', defaultStatus: 1 },
      { label: 'Gone', defaultStatus: 2 },
    ],
  });
  expect(columnOf('zoo_animal', 'statuscode').options?.[1]).toEqual({ value: 2, label: 'Moved', state: 1 });
});

test('a table of the environment is extended, never redefined', () => {
  expect(columnOf('account', 'zoo_members').custom).toBe(true);
  expect(columnOf('account', 'name')).toEqual(tableOf(base, 'account').columns.get('name'));
  expect(tableOf(imported.schema, 'contact').columns).toEqual(tableOf(base, 'contact').columns);
  expect(imported.changedTables).toEqual(['zoo_animal', 'account', 'zoo_animal_contact']);
});

test('lookups lead to the tables that are here, each by its own navigation property', () => {
  const found = imported.schema.oneToMany.filter((one) => one.referencingTable === 'zoo_animal');
  const shown = found.map(
    (one) => `${one.referencingNavigation} > ${one.referencedTable} ${one.cascade.delete}`,
  );
  expect(shown).toEqual(
    expect.arrayContaining([
      'zoo_Owner_account > account Restrict',
      'zoo_Owner_contact > contact RemoveLink',
      'zoo_BestFriend > zoo_animal RemoveLink',
      'ownerid > owner NoCascade',
      'createdby > systemuser NoCascade',
    ]),
  );
  expect(shown.join()).not.toContain('stranger');
  expect(columnOf('zoo_animal', 'zoo_owner').targets).toEqual(['account', 'contact']);
  expect(found.find((one) => one.referencingColumn === 'zoo_friend')).toMatchObject({
    referencedNavigation: 'zoo_Friends',
    hierarchical: true,
  });
});

test('notes, activities and files may hang on the new table', () => {
  const children = imported.schema.oneToMany
    .filter((one) => one.referencedTable === 'zoo_animal')
    .map((one) => `${one.referencingTable}.${one.referencingNavigation}`);
  expect(children).toEqual(
    expect.arrayContaining([
      'annotation.objectid_zoo_animal',
      'task.regardingobjectid_zoo_animal_task',
      'fileattachment.objectid_zoo_animal',
    ]),
  );
});

test('many-to-many relationships get their intersect table', () => {
  expect(imported.schema.manyToMany.at(-1)).toMatchObject({
    schemaName: 'zoo_animal_contact',
    column1: 'zoo_animalid',
    column2: 'contactid',
  });
  expect(tableOf(imported.schema, 'zoo_animal_contact').intersect).toBe(true);
});

test('roles and column security profiles come as they are', () => {
  expect(imported.roles).toEqual([
    {
      id: 'aaaaaaaa-0000-0000-0000-000000000001',
      name: 'Keeper',
      privileges: [
        { name: 'prvReadzoo_Animal', depth: 8 },
        { name: 'prvWritezoo_Animal', depth: 2 },
      ],
    },
  ]);
  const known = new Set(tableOf(imported.schema, 'zoo_animal').privileges.map((one) => one.name));
  expect(known).toContain('prvReadzoo_Animal');
  expect(imported.rows.map((row) => row.values)).toEqual([
    {
      fieldsecurityprofileid: 'bbbbbbbb-0000-0000-0000-000000000001',
      name: 'Vets',
      description: 'May read secrets',
    },
    expect.objectContaining({
      entityname: 'zoo_animal',
      attributelogicalname: 'zoo_secret',
      canread: 4,
      canupdate: 0,
    }),
  ]);
});

test('importing twice changes nothing more', () => {
  const again = importSolution(zip(), imported.schema).schema;
  const shape = (schema: SchemaDefinition): unknown => [
    schema.tables.length,
    schema.oneToMany.length,
    schema.manyToMany.length,
    tableOf(schema, 'zoo_animal').columns.size,
  ];
  expect(shape(again)).toEqual(shape(imported.schema));
});

test.each([
  ['solution-not-readable', strToU8('no zip')],
  ['solution-incomplete', zipSync({ 'solution.xml': strToU8(MANIFEST) })],
  ['solution-xml-invalid', zip(CUSTOMIZATIONS.slice(0, 500))],
  ['solution-unsupported', zip(CUSTOMIZATIONS.replace('<Type>decimal</Type>', '<Type>colour</Type>'))],
  ['solution-incomplete', zip(CUSTOMIZATIONS.replace('<Type>primarykey</Type>', '<Type>nvarchar</Type>'))],
])('%s is told by its code', (code, bytes) => {
  let thrown: unknown;
  try {
    importSolution(bytes, base);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(SolutionError);
  expect(thrown).toMatchObject({ code, message: expect.any(String), hint: expect.any(String) });
});
