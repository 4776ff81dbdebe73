import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import type { Bench } from '../bench.ts';
import type { CsdlModel } from './model.ts';

/** Operations that clients of this service call; each must be declared under its name. */
const CALLED_BY_CLIENTS = [
  'WhoAmI RetrieveVersion RetrieveCurrentOrganization RetrieveTotalRecordCount RetrieveSharedPrincipalsAndAccess',
  'RetrievePrincipalAccess RetrieveUserPrivileges AddPrivilegesRole GrantAccess ModifyAccess RevokeAccess',
  'WinOpportunity LoseOpportunity CloseIncident WinQuote CloseQuote CancelSalesOrder FulfillSalesOrder',
  'CreateMultiple UpdateMultiple UpsertMultiple DeleteMultiple SetAutoNumberSeed ImportSolution PublishAllXml PublishXml',
  'InitializeFileBlocksUpload UploadBlock CommitFileBlocksUpload InitializeFileBlocksDownload DownloadBlock DeleteFile',
  'InitializeAnnotationBlocksUpload CommitAnnotationBlocksUpload InitializeAnnotationBlocksDownload',
  'InitializeAttachmentBlocksUpload CommitAttachmentBlocksUpload InitializeAttachmentBlocksDownload',
].flatMap((line) => line.split(' '));

/** What is declared can be called, and what clients call is declared. */
export async function checkOperations({ checks, api }: Bench, model: CsdlModel): Promise<void> {
  await checks.check('the operations that clients call are declared', () =>
    deepEqual(
      CALLED_BY_CLIENTS.filter((name) => !model.elements.has(name)),
      [],
    ),
  );
  await checks.check('every declared import answers: none is unknown to the service', async () => {
    const unknown: string[] = [];
    for (const [name, operation] of model.imports) {
      const isAction = model.operations.some(([one, { $Kind }]) => one === operation && $Kind === 'Action');
      const { status, text } = isAction ? await api.call('POST', name, { body: {} }) : await api.get(name);
      // An operation that misses what it is about may answer 404 too, but does not speak of a segment.
      if (status === 404 && text.includes('segment')) unknown.push(name);
      notEqual(status, 500, name);
    }
    deepEqual(unknown, []);
  });
  await checks.check('an operation that is not declared is refused with 404', async () => {
    ok(!model.elements.has('NoSuchOperation'));
    equal((await api.get('NoSuchOperation()')).status, 404);
  });
  await checks.check('functions without parameters answer with what they declare', async () => {
    const plain = model.operations.filter(
      ([, one]) => one.$Kind === 'Function' && one.$IsBound !== true && one.$Parameter === undefined,
    );
    ok(plain.length > 0);
    for (const [name, { $ReturnType: returns }] of plain) {
      const answer = await api.row(name);
      const shown = Object.keys(answer).filter((member) => !member.includes('@'));
      deepEqual(shown.sort(), [...model.members(returns?.$Type ?? '').keys()].sort(), name);
    }
  });
}
