import { parseArguments, unquote } from '../../odata/url.ts';
import { badRequest } from '../../service/errors.ts';
import type { Call } from '../api.ts';
import { result, type Operation } from './operation.ts';

/** Who am I, where am I, how much is here. */
export const environmentOperations = {
  WhoAmI: { method: 'GET', run: whoAmI },
  RetrieveVersion: {
    method: 'GET',
    run: (call) => result(call, 'RetrieveVersion', { Version: call.context.environment.identity.version }),
  },
  RetrieveCurrentOrganization: { method: 'GET', run: retrieveCurrentOrganization },
  RetrieveTotalRecordCount: { method: 'GET', run: retrieveTotalRecordCount },
} satisfies Record<string, Operation>;

function whoAmI(call: Call) {
  const { user } = call.context.caller;
  return result(call, 'WhoAmI', {
    BusinessUnitId: user.businessUnitId,
    UserId: user.userId,
    OrganizationId: call.context.environment.identity.organizationId,
  });
}

/** Collections in function results are parallel lists of keys and values. */
function retrieveCurrentOrganization(call: Call, argument: string) {
  const access = parseArguments(argument, call.url.query).get('AccessType');
  if (access === undefined)
    throw badRequest("Parameter 'AccessType' of 'RetrieveCurrentOrganization' is missing.");
  const { identity } = call.context.environment;
  const web = call.context.serviceRoot.replace(/api\/data\/.*$/, '');
  return result(call, 'RetrieveCurrentOrganization', {
    Detail: {
      OrganizationId: identity.organizationId,
      FriendlyName: identity.friendlyName,
      OrganizationVersion: identity.version,
      EnvironmentId: identity.environmentId,
      DatacenterId: null,
      Geo: 'NA',
      TenantId: identity.tenantId,
      UrlName: identity.urlName,
      UniqueName: identity.uniqueName,
      OrganizationType: 'Developer',
      State: 'Enabled',
      Endpoints: {
        Count: 3,
        IsReadOnly: false,
        Keys: ['WebApplication', 'OrganizationService', 'OrganizationDataService'],
        Values: [
          web,
          `${web}XRMServices/2011/Organization.svc`,
          `${web}XRMServices/2011/OrganizationData.svc`,
        ],
      },
    },
  });
}

/** Counts of a snapshot, which may be a day old. */
function retrieveTotalRecordCount(call: Call, argument: string) {
  const { environment } = call.context;
  const text = parseArguments(argument, call.url.query).get('EntityNames') ?? '[]';
  const names = [...text.matchAll(/['"]([^'"]+)['"]/g)].map((match) => match[1]!); // one group
  for (const name of names) {
    if (environment.schema.table(unquote(name)) === undefined) {
      throw badRequest(
        `The entity with a name = '${name}' was not found in the MetadataCache.`,
        '0x80041102',
      );
    }
  }
  const Values = names.map((name) =>
    environment.rowCounts.of(name, () => environment.database.store(name).size),
  );
  return result(call, 'RetrieveTotalRecordCount', {
    EntityRecordCountCollection: { Count: names.length, IsReadOnly: false, Keys: names, Values },
  });
}
