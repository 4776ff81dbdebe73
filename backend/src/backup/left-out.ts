/**
 * Tables whose rows are not data of the organization, by group. A policy that names one of them exactly takes it in
 * all the same. `*` stands for any characters. Start list from what the platform's own recycle bin leaves out; the tests
 * on metadata (virtual, not exposed, solution-aware) come first and catch most of what is not listed here.
 */
interface Group {
  readonly code: string;
  readonly why: string;
  readonly tables: string;
}

const groups: readonly Group[] = [
  {
    code: 'definition',
    why: 'holds the schema, apps or logic; solutions carry it',
    tables: `entity attribute relationship entityrelationship relationshipattribute optionset entitykey entityindex
      indexattributes managedproperty stringmap attributeimageconfig entityimageconfig attributemap entitymap
      entityanalyticsconfig entityrecordfilter entityclusterconfig
      appmodule appmodulecomponent appmodulecomponentnode appmoduleroles appmodulemetadata* appconfig*
      appconfiginstance sitemap systemform userform savedquery savedqueryvisualization webresource canvasapp*
      customcontrol* appaction* appsetting* navigationsetting ribbon* hierarchyrule theme settingdefinition
      organizationsetting processtrigger processstage workflow workflowbinary workflowdependency pluginassembly
      plugintype plugintypestatistic pluginpackage sdkmessage* serviceendpoint customapi* connectionreference
      connector connectioninstance environmentvariabledefinition catalog catalogassignment complexcontrol
      bot* conversationtranscript aiplugin* aiskillconfig msdyn_ai* copilot* card* dvtablesearch* dvfilesearch*
      powerpagesite powerpagecomponent powerpagesitelanguage powerpagesitepublished mspp_* reportcategory
      fabricaiskill mainfewshot makerfewshot displaystring displaystringmap
      convertrule convertruleitem routingrule routingruleitem channelaccessprofile* msdyn_solutionhealth*`,
  },
  {
    code: 'solution-machinery',
    why: 'keeps track of solutions; it is made again when they are imported',
    tables: `solution solutioncomponent* publisher publisheraddress dependency dependencyfeature dependencynode
      invaliddependency runtimedependency componentversion* componentlayer* msdyn_componentlayer*
      msdyn_solutioncomponent* msdyn_solutionhistory* solutionhistorydata importjob stagesolutionupload package*
      stagedentity* stagedattribute* stagedoptionset* stagedrelationship* stagedmetadata* exportsolutionupload
      msdyn_nonrelationalds msdyn_dataflow* featurecontrolsetting`,
  },
  {
    code: 'security-model',
    why: 'security roles and profiles come from solutions; the platform derives the rest',
    tables: `role privilege roleprivileges roletemplate* privilegeobjecttypecodes fieldsecurityprofile fieldpermission
      principalentitymap principalattributeaccessmap systemuserprincipals principalobjectaccessreadsnapshot
      principalentitybusinessunitmap systemuserbusinessunitentitymap businessunitmap principalsyncattributemap
      roleeditorlayout privilegesremovalsetting privilegecheckerlog privilegecheckerrun
      systemuserauthorizationchangetracker systemusermanagermap applicationuser* applicationuserrole
      applicationuserprofile delegatedauthorization`,
  },
  {
    code: 'log',
    why: 'a log or a queue of the platform: much of it, and nothing to restore',
    tables: `asyncoperation bulkdeleteoperation bulkdeletefailure plugintracelog tracelog traceassociation traceregarding
      processsession workflowlog flowrun flowlog flowevent flowaggregation flowsession* flowmachine* backgroundoperation
      syncerror importlog import importfile importdata importmap importentitymapping columnmapping lookupmapping
      ownermapping picklistmapping transformationmapping transformationparametermapping exportedexcel searchtelemetry
      eventexpanderbreadcrumb expiredprocess newprocess translationprocess msdyn_modulerundetail dataprocessing*
      desktopflowbinary desktopflowmodule workqueue workqueueitem elasticfileattachment recordfilter
      documentparsingrequest agenttask* nlsqregistration rollupfield rollupjob rollupproperties
      integrationstatus bulkoperationlog`,
  },
  {
    code: 'cache',
    why: "a cache, or state that the platform keeps for itself or for one user's screen",
    tables: `subscription* organizationdatasyncstate organizationdatasyncsubscription* recentlyused userentityuisettings
      userentityinstancedata replicationbacklog multientitysearch* searchresultscache sharedworkspace*
      usersearchfacet duplicaterecord duplicaterulecondition mobileofflineprofile* offlinecommanddefinition
      synapse* officegraphdocument delveactionhub imagedescriptor fileattachment textanalyticsentitymapping topic*
      advancedsimilarityrule knowledgesearchmodel similarityrule suggestioncardtemplate timestampdatemapping
      clientupdate sqlencryptionaudit statusmap tenant* unresolvedaddress usermobileofflineprofilemembership
      teammobileofflineprofilemembership wizard* webwizard* partnerapplication partitionjob
      postregarding interactionforemail ownermapping inprocess* internaladdress
      publisherduplicate* mailboxtrackingcategory mailboxtrackingfolder mailboxstatistics
      cascadegrantrevokeaccess* deleteditemreference notification recordcount* searchattributesettings
      searchcustomanalyzer searchrelationshipsettings indexedtrait*`,
  },
  {
    code: 'platform-constant',
    why: 'the same in every environment',
    tables: `timezonedefinition timezonerule timezonelocalizedname languagelocale languageprovisioningstate
      subscriptiontrackingdeletedobject resourcegroupexpansion`,
  },
  {
    code: 'within-calendar',
    why: 'working hours and days off: the Web API gives them only within their calendar, which we do not read that way',
    tables: 'calendarrule',
  },
  {
    code: 'configuration',
    why: 'bookkeeping of the recycle bin, retention or archiving',
    tables: `recyclebinconfig retentionconfig retentionoperation* retentioncleanup* retentionfailuredetail retentionsuccessdetail
      metadataforarchival archivecleanup* bulkarchive* datalake* lakeconfig*`,
  },
  {
    code: 'content-mirror',
    why: 'mirrors contents that are captured with their own rows',
    tables: 'attachment',
  },
  { code: 'abstract', why: 'stands for users and teams, which are captured', tables: 'owner principal' },
  { code: 'activity-base', why: 'repeats the rows of the typed activity tables', tables: 'activitypointer' },
  {
    code: 'audit',
    why: 'audit rows can only be read, never restored; a policy that names the table keeps them as evidence',
    tables: 'audit',
  },
];

/** A group with the names and patterns that it holds. */
export const noDataGroups = groups.map(({ code, why, tables }) => {
  const names = tables.trim().split(/\s+/);
  const matchers = names.map(tableMatcher);
  return { code, why, names, matches: (table: string) => matchers.some((matches) => matches(table)) };
});

/** Why rows of this table make no sense as data; null when they do. */
export function leftOutAsNoData(table: string): { readonly code: string; readonly why: string } | null {
  return noDataGroups.find(({ matches }) => matches(table)) ?? null;
}

/** `*` stands for any characters, everything else for itself. */
export function tableMatcher(pattern: string): (table: string) => boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[^a-z0-9_]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('.*')}$`);
  return (table) => expression.test(table);
}
