import type { TableDefinition } from '../../model/definitions.ts';
import { onlyColumns } from '../../service/environment.ts';
import { badRequest, invalidArgument, unsupportedMessage } from '../../service/errors.ts';
import { isList, type Json } from '../../service/json.ts';
import { requireAccess } from '../../service/update-row.ts';
import type { Row } from '../../store/table-store.ts';
import { noContent, type ApiResponse, type Call } from '../api.ts';
import { result, type Operation, type RowOperation } from './operation.ts';
import { actionBody, missingParameter, requireTarget } from './targets.ts';

/** `createdfromcode` of a list: what its members are. */
const MEMBER_CODES: Readonly<Record<string, number>> = { account: 1, contact: 2, lead: 4 };

/** Members of marketing lists; their rows cannot be created directly. */
export const listOperations = {
  AddListMembersList: {
    method: 'POST',
    run(call) {
      const body = actionBody(call, 'AddListMembersList');
      const { table, row } = requireTarget(call, body['List'], 'AddListMembersList');
      const members = body['Members'];
      if (!isList(members)) throw missingParameter('Members', 'AddListMembersList');
      call.context.environment.database.transaction(() => {
        for (const member of members) addMember(call, table, row, member, 'AddListMembersList');
      });
      return noContent();
    },
  },
} satisfies Record<string, Operation>;

export const addMemberList: RowOperation = {
  method: 'POST',
  run(call, table, row): ApiResponse {
    const member = actionBody(call, 'AddMemberList')['EntityId'];
    const Id = call.context.environment.database.transaction(() =>
      addMember(call, table, row, member, 'AddMemberList'),
    );
    return result(call, 'AddMemberList', { Id });
  },
};

/** Returns the id of the member's row, also of one that was there already. */
function addMember(
  call: Call,
  table: TableDefinition,
  list: Row,
  value: Json | undefined,
  action: string,
): string {
  const { environment } = call.context;
  if (table.logicalName !== 'list') throw unsupportedMessage(table.logicalName);
  requireAccess(call.context, table, list, 'Write');
  const member = requireTarget(call, value, action);
  refuseMember(list, member.table.logicalName);
  const existing = memberRow(call, list.id, member.row.id);
  if (existing !== undefined) return existing;
  const members = environment.schema.table('listmember');
  if (members === undefined) throw unsupportedMessage('listmember');
  const id = environment.newId();
  const user = { table: 'systemuser', id: call.context.caller.user.userId };
  const now = environment.timestamp();
  const values = {
    listmemberid: id,
    listid: { table: 'list', id: list.id },
    entityid: { table: member.table.logicalName, id: member.row.id },
    entitytype: member.table.logicalName,
    createdon: now,
    modifiedon: now,
    createdby: user,
    modifiedby: user,
    ownerid: list.values['ownerid'] ?? user,
  };
  environment.database.put('listmember', id, onlyColumns(members, values));
  const current = environment.database.get('list', list.id) ?? list;
  const membercount = Number(current.values['membercount'] ?? 0) + 1;
  environment.database.put('list', list.id, { ...current.values, membercount });
  return id;
}

function refuseMember(list: Row, table: string): void {
  const { lockstatus, type, createdfromcode } = list.values;
  if (lockstatus === true) throw badRequest('List is Locked. Cannot perform this action.', '0x80040302');
  if (type === true) throw invalidArgument('Members cannot be added to a dynamic list.');
  const code = MEMBER_CODES[table];
  if (code === undefined || (createdfromcode !== undefined && Number(createdfromcode) !== code))
    throw badRequest('Unsupported list member type.', '0x80040301');
}

function memberRow(call: Call, listId: string, memberId: string): string | undefined {
  const store = call.context.environment.database.store('listmember');
  return store.referrers('entityid', memberId).find((id) => {
    const list = store.get(id)?.values['listid'];
    return typeof list === 'object' && list !== null && list.id === listId;
  });
}
