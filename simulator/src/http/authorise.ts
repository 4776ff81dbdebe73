import type { Caller, UserRights } from '../security/rights.ts';
import type { Environment } from '../service/environment.ts';
import { ServiceError } from '../service/errors.ts';

const ACT_FOR_OTHERS = 'prvActOnBehalfOfAnotherUser';

/**
 * Whose rights count: those of the account, or of the user it acts for by `CallerObjectId` (Entra object id) or
 * `MSCRMCallerID` (systemuserid), in which case both must be allowed.
 */
export function callerOf(
  environment: Environment,
  accountId: string,
  headers: ReadonlyMap<string, string>,
): Caller {
  const account = environment.security.rightsOf(accountId);
  const otherId = impersonatedId(environment, headers);
  if (otherId === undefined || otherId === accountId) return { user: account, actor: undefined };
  refuseUnlessDelegate(account);
  const other = environment.database.get('systemuser', otherId);
  if (other?.values['isdisabled'] === true) {
    throw new ServiceError(
      environment.switches.disabledImpersonation,
      '0x80040225',
      'The specified user is either disabled or is not a member of any business unit.',
    );
  }
  return { user: environment.security.rightsOf(otherId), actor: account };
}

function refuseUnlessDelegate(account: UserRights): void {
  if (account.depth(ACT_FOR_OTHERS) !== 0) return;
  throw new ServiceError(
    403,
    '0x8004a110',
    'User does not have the privilege to act on behalf another user.',
  );
}

function impersonatedId(environment: Environment, headers: ReadonlyMap<string, string>): string | undefined {
  const objectId = headers.get('callerobjectid')?.trim().toLowerCase();
  if (objectId !== undefined && objectId !== '') {
    const [id] = environment.database.store('systemuser').referrers('azureactivedirectoryobjectid', objectId);
    if (id === undefined) throw notAMember();
    return id;
  }
  const userId = headers.get('mscrmcallerid')?.trim().replace(/[{}]/g, '').toLowerCase();
  if (userId === undefined || userId === '') return undefined;
  if (environment.database.get('systemuser', userId) === undefined) {
    throw new ServiceError(404, '0x80040217', `Entity 'SystemUser' With Id = ${userId} Does Not Exist`);
  }
  return userId;
}

export function notAMember(): ServiceError {
  return new ServiceError(403, '0x80072560', 'The user is not a member of the organization.');
}
