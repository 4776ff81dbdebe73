import { missingPrivilege, privilegeDepth } from '../../security/rights.ts';
import { badRequest, notImplemented } from '../../service/errors.ts';
import { textMember } from '../../service/json.ts';
import type { Environment, SolutionImporter } from '../../service/environment.ts';
import { addSeedRow } from '../../service/load-seed.ts';
import { addPrivilegeRows, addRole, MISCELLANEOUS_PRIVILEGES } from '../../service/roles.ts';
import { noContent, type ApiResponse, type Call } from '../api.ts';
import type { Operation } from './operation.ts';
import { actionBody } from './targets.ts';

/** Bringing in a solution, and publishing (which has nothing to do here). */
export const solutionOperations = {
  ImportSolution: { method: 'POST', run: importSolution },
  PublishAllXml: { method: 'POST', run: publish },
  PublishXml: { method: 'POST', run: publish },
} satisfies Record<string, Operation>;

function requireMiscellaneous(call: Call, name: string): void {
  if (privilegeDepth(call.context.caller, name) !== 0) return;
  throw missingPrivilege(call.context.caller, { name, id: MISCELLANEOUS_PRIVILEGES[name] ?? '' });
}

/** Adds the solution's tables, relationships, roles and column security profiles, all or nothing. */
function importSolution(call: Call): ApiResponse {
  requireMiscellaneous(call, 'prvImportCustomization');
  const { environment } = call.context;
  const text = textMember(actionBody(call, 'ImportSolution'), 'CustomizationFile');
  if (text === undefined)
    throw badRequest("Parameter 'CustomizationFile' of 'ImportSolution' is missing.", '0x80048d19');
  if (environment.importSolution === undefined) throw notImplemented('ImportSolution');
  const imported = readSolution(environment, environment.importSolution, Buffer.from(text, 'base64'));
  environment.replaceSchema(imported.schema, imported.changedTables);
  addPrivilegeRows(environment);
  for (const role of imported.roles) addRole(environment, role);
  for (const row of imported.rows) addSeedRow(environment, row);
  return noContent();
}

function readSolution(environment: Environment, importer: SolutionImporter, zip: Uint8Array) {
  try {
    return importer(zip, environment.schema.definition);
  } catch (error) {
    // The importer throws on a file that is no solution; the caller is told why and nothing has changed.
    if (error instanceof Error && 'hint' in error) {
      throw badRequest(`The solution file is invalid. ${error.message} ${String(error.hint)}`, '0x80048060');
    }
    throw error;
  }
}

function publish(call: Call): ApiResponse {
  requireMiscellaneous(call, 'prvPublishCustomization');
  return noContent();
}
