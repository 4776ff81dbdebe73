import { publishDuplicateRule } from './duplicate-operations.ts';
import { addMemberList } from './list-operations.ts';
import type { RowOperation } from './operation.ts';
import { addToQueue } from './queue-operations.ts';
import { rightsOperations } from './rights-operations.ts';
import { qualifyLead } from './state-operations.ts';
import {
  addMembersTeam,
  addUserToRecordTeam,
  removeMembersTeam,
  removeUserFromRecordTeam,
} from './team-operations.ts';

/** Functions and actions that are bound to one row, by name without the namespace. */
export const ROW_FUNCTIONS: ReadonlyMap<string, RowOperation> = new Map<string, RowOperation>(
  Object.entries({
    ...rightsOperations,
    AddMemberList: addMemberList,
    AddMembersTeam: addMembersTeam,
    AddToQueue: addToQueue,
    AddUserToRecordTeam: addUserToRecordTeam,
    PublishDuplicateRule: publishDuplicateRule,
    QualifyLead: qualifyLead,
    RemoveMembersTeam: removeMembersTeam,
    RemoveUserFromRecordTeam: removeUserFromRecordTeam,
  }),
);
