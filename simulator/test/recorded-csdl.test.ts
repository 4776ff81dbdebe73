import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startClient } from './support/client.ts';
import { readTypes, type EntityType, type Navigation } from './support/csdl.ts';
import { recordedFolder } from './support/recorded.ts';

/**
 * Compares `$metadata` with the document that a real environment answered in 2020: entity types, keys, sets, properties
 * and navigation properties of every table that both have, and which tables are missing here.
 */
const recorded = recordedFolder('csdl');
type Types = ReadonlyMap<string, EntityType>;

let real: Types = new Map();
let lean: Types = new Map();
let full: Types = new Map();

beforeAll(async () => {
  if (recorded.test === test.skip) return;
  real = readTypes(readFileSync(join(recorded.folder, 'dynamics365-v9.1-2020-06.metadata.xml'), 'utf8'));
  lean = await declared('lean');
  full = await declared('full');
});

async function declared(tables: 'lean' | 'full'): Promise<Types> {
  const client = await startClient({ tables });
  const { text } = await client.get('$metadata');
  await client.close();
  return readTypes(text);
}

/** Names that solutions of other publishers brought into the recorded environment. */
const ELSEWHERE = /(^|_)(adx|msa|msdyn|mspp|spice)_|^new_|externalparty/;
/** Made by hand with what clients read and write of them; the platform keeps the rest for itself. */
const BY_HAND = new Set(
  (
    'asyncoperation attachment duplicaterule duplicaterulecondition principalobjectaccess ' +
    'principalobjectattributeaccess sdkmessage sdkmessagefilter teamtemplate'
  ).split(' '),
);

/** Tables of the recording that are not here, by reason. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'apps, forms, views and other components of solutions':
    'appconfig appconfiginstance appconfigmaster appmodule appmodulecomponent appmoduleroles complexcontrol ' +
    'customcontrol customcontroldefaultconfig customcontrolresource displaystring mobileofflineprofile ' +
    'mobileofflineprofileitem mobileofflineprofileitemassociation navigationsetting pluginassembly plugintype ' +
    'plugintypestatistic processtrigger publisher publisheraddress savedquery savedqueryvisualization ' +
    'sdkmessageprocessingstep sdkmessageprocessingstepimage sdkmessageprocessingstepsecureconfig serviceendpoint ' +
    'similarityrule sitemap solution solutioncomponent systemform userform webresource webwizard',
  'logs, queues and counters of the platform':
    'aciviewmapper actioncard actioncarduserstate adminsettingsentity audit bulkdeletefailure bulkdeleteoperation ' +
    'dataperformance dependency duplicaterecord exchangesyncidmapping invaliddependency mailboxtrackingfolder ' +
    'plugintracelog principalentitymap processsession runtimedependency subscriptionmanuallytrackedobject ' +
    'subscriptionstatisticsoffline subscriptionstatisticsoutlook subscriptionsyncentryoffline ' +
    'subscriptionsyncentryoutlook syncerror timestampdatemapping tracelog workflowlog',
  'imports of files and their maps':
    'columnmapping import importdata importentitymapping importfile importjob importlog importmap lookupmapping ' +
    'ownermapping picklistmapping transformationmapping transformationparametermapping',
  'fixed content of the product':
    'channelaccessprofileentityaccesslevel entitydataprovider officegraphdocument recommendeddocument roletemplate ' +
    'roletemplateprivileges systemuserlicenses systemusersyncmappingprofiles teamsyncattributemappingprofiles ' +
    'timezonedefinition timezonelocalizedname timezonerule usermapping',
};

recorded.test(recorded.named('every recorded table is here or left out for a reason that is told'), () => {
  const told = Object.values(LEFT_OUT).flatMap((names) => names.split(' '));
  const missing = [...real.keys()].filter((name) => !full.has(name) && !/^(msdyn|spice)_/.test(name));
  expect(missing.sort()).toEqual(told.sort());
});

recorded.test(recorded.named('the lean tables are the same among all tables, with fewer lookups'), () => {
  expect(full.size - lean.size).toBe(107);
  const changed: string[] = [];
  for (const [name, type] of lean) {
    const wide = full.get(name);
    if (headOf(wide) !== headOf(type)) changed.push(name);
    for (const [property, edm] of type.properties)
      if (wide?.properties.get(property) !== edm) changed.push(`${name}.${property}`);
    for (const [property, one] of type.navigations)
      if (JSON.stringify(wide?.navigations.get(property)) !== JSON.stringify(one))
        changed.push(`${name}.${property}`);
  }
  expect(changed).toEqual([]);
});

const headOf = (type: EntityType | undefined) => [type?.base, type?.key, type?.set].join(' ');

recorded.test(recorded.named('tables have the recorded base type, key and entity set'), () => {
  const heads = (types: Types) => both().map(([name]) => `${name}: ${headOf(types.get(name))}`);
  expect(heads(full)).toEqual(heads(real));
});

/** Properties that only one side has: what lookups lead to is left out, or the definition is of a later date. */
const PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  'bytes that no row shows and that are read through the text beside them': [
    'activitymimeattachment.body_binary',
    'annotation.documentbody_binary',
    'report.bodybinary_binary',
    'salesliteratureitem.documentbody_binary',
  ],
  'lookups to tables that are left out': [
    'emailserverprofile._incomingpartnerapplication_value',
    'emailserverprofile._outgoingpartnerapplication_value',
    'organization._defaultmobileofflineprofileid_value',
    'role._roletemplateid_value',
    'service._strategyid_value',
    'systemuser._mobileofflineprofileid_value',
    'team._teamtemplateid_value',
    'theme._logoid_value',
    'userquery._parentqueryid_value',
    'userqueryvisualization._webresourceid_value',
    'workflow._plugintypeid_value',
    'workflow._sdkmessageid_value',
  ],
  'lookups whose targets are not recorded': [
    'post._regardingobjectid_value',
    'recurringappointmentmaster._groupid_value',
  ],
  'columns that came after the recording': [
    'fieldpermission.canreadunmasked',
    'organization.blockedmimetypes',
    'team.azureactivedirectoryobjectid',
    'team.issastokenset',
    'team.membershiptype',
    'team.sharelinkqualifier',
  ],
};

recorded.test(recorded.named('tables have the recorded properties, of the recorded types'), () => {
  const onlyOne: string[] = [];
  const others: string[] = [];
  for (const [name, type] of compared()) {
    const own = full.get(name)!.properties;
    for (const [property, edm] of type.properties) {
      if (ELSEWHERE.test(property)) continue;
      const found = own.get(property);
      if (found === undefined) onlyOne.push(`${name}.${property}`);
      else if (found !== edm) others.push(`${name}.${property}: ${found}, recorded ${edm}`);
    }
    onlyOne.push(
      ...[...own.keys()].filter((one) => !type.properties.has(one)).map((one) => `${name}.${one}`),
    );
  }
  expect(others).toEqual([]);
  expect(onlyOne.sort()).toEqual(Object.values(PROPERTIES).flat().sort());
});

/** Why a recorded navigation property may be missing here, by what is known of it. */
const NAVIGATIONS: readonly (readonly [
  reason: string,
  applies: (name: string, one: Navigation) => boolean,
])[] = [
  ['it leads to a table made by hand', (_, one) => BY_HAND.has(one.target)],
  [
    'the link table is shared by several relationships and holds other columns too',
    (name) => /^(list(account|contact|lead)|campaign[a-z]*)_association(_referenced)?$/.test(name),
  ],
  ['it is a second name of the owner', (name) => /^ownerid_[a-z]+$/.test(name)],
  [
    'it hangs on a plain id, which is no lookup',
    (name, one) => isPlain(one) || PLAIN.test(name) || PLAIN_NAMES.has(name),
  ],
];

/** Derived types and a few others do not say which property holds the key: these are no lookups either. */
const PLAIN = /^(activityid|stageid|resourcegroupid|groupobjectid)_|^(activity_pointer|processstage)_/;
const PLAIN_NAMES = new Set([
  ...['businessunitid', 'primaryuserid', 'business_unit_queues', 'queue_primary_user'],
  ...['responsiblecontactid', 'contact_as_responsible_contact', 'postregardingid', 'post_PostRegardings'],
  ...['seriesid_recurringappointmentmaster', 'recurringappointmentmaster_appointment'],
  'recurrencerule_recurringappointmentmaster',
  ...['team_resource_groups', 'constraintbasedgroup_resource_groups'],
  ...['team_resource_specs', 'constraint_based_group_resource_specs'],
]);

const isPlain = ({ property, partner, target }: Navigation): boolean => {
  const here = property ?? real.get(target)?.navigations.get(partner ?? '')?.property;
  return here !== undefined && !/^_.*_value$/.test(here);
};

recorded.test(
  recorded.named('tables have the recorded navigation properties, with target and partner'),
  () => {
    const used = new Set<string>();
    const missing: string[] = [];
    const others: string[] = [];
    for (const [name, type] of compared()) {
      const own = full.get(name)!.navigations;
      for (const [navigation, wanted] of type.navigations) {
        if (!full.has(wanted.target) || /(^|_)(msdyn|spice)_/.test(navigation)) continue;
        const found = own.get(navigation);
        if (found) {
          const same = found.target === wanted.target && found.many === wanted.many;
          const partner =
            /_owner_ownerid$/.test(navigation) ||
            BY_HAND.has(wanted.target) ||
            found.partner === wanted.partner;
          if (!same || !partner) others.push(`${name}.${navigation}: ${JSON.stringify([found, wanted])}`);
          continue;
        }
        const reason = NAVIGATIONS.find(([, applies]) => applies(navigation, wanted))?.[0];
        if (reason === undefined) missing.push(`${name}.${navigation}`);
        else used.add(reason);
      }
    }
    expect(others).toEqual([]);
    expect(missing).toEqual([]);
    expect([...used].sort()).toEqual(NAVIGATIONS.map(([reason]) => reason).sort());
  },
);

recorded.test(recorded.named('no navigation property is here that was not recorded'), () => {
  const extra = [...compared()].flatMap(([name, type]) =>
    [...full.get(name)!.navigations]
      .filter(([navigation, one]) => !type.navigations.has(navigation) && real.has(one.target))
      .filter(([navigation, one]) => !BY_HAND.has(one.target) && !/^demo_/.test(navigation))
      // The recorded owner has no collections of these: they are one for all activities.
      .filter(([navigation]) => !/^owner_(appointment|email|fax|letter|phonecall|task)s$/.test(navigation))
      .filter(([navigation]) => !/^owner_(recurringappointmentmaster|socialactivity)s$/.test(navigation))
      .map(([navigation]) => `${name}.${navigation}`),
  );
  expect(extra).toEqual([]);
});

/** Recorded tables that are here. */
function both(): [string, EntityType][] {
  const found = [...real].filter(([name]) => full.has(name));
  expect(found.length).toBeGreaterThan(180);
  return found;
}

function compared(): [string, EntityType][] {
  return both().filter(([name]) => !BY_HAND.has(name));
}
