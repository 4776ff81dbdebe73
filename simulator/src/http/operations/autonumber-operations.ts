import { badRequest } from '../../service/errors.ts';
import { numberText, type JsonObject } from '../../service/json.ts';
import { noContent, type ApiResponse, type Call } from '../api.ts';
import { result, type Operation } from './operation.ts';
import { actionBody, missingParameter, requireText } from './targets.ts';

/** Counters of automatic numbers: set, and looked at. All three are actions. */
export const autoNumberOperations = {
  SetAutoNumberSeed: { method: 'POST', run: setSeed },
  GetAutoNumberSeed: { method: 'POST', run: getSeed },
  GetNextAutoNumberValue: { method: 'POST', run: nextValue },
} satisfies Record<string, Operation>;

/** The number that the next row of the table gets. */
function setSeed(call: Call): ApiResponse {
  const body = actionBody(call, 'SetAutoNumberSeed');
  const { table, column } = counterOf(call, body, 'SetAutoNumberSeed');
  const value = numberText(body['Value']);
  if (value === undefined) throw missingParameter('Value', 'SetAutoNumberSeed');
  call.context.environment.autoNumbers.seed(table, column, Number(value));
  return noContent();
}

function getSeed(call: Call): ApiResponse {
  const { table, column } = counterOf(call, actionBody(call, 'GetAutoNumberSeed'), 'GetAutoNumberSeed');
  const AutoNumberSeedValue = call.context.environment.autoNumbers.seedOf(table, column);
  return result(call, 'GetAutoNumberSeed', { AutoNumberSeedValue });
}

/** Only tells; the number is not taken. */
function nextValue(call: Call): ApiResponse {
  const action = 'GetNextAutoNumberValue';
  const { table, column } = counterOf(call, actionBody(call, action), action);
  const NextAutoNumberValue = call.context.environment.autoNumbers.next(table, column);
  return result(call, action, { NextAutoNumberValue });
}

function counterOf(call: Call, body: JsonObject, action: string): { table: string; column: string } {
  const table = requireText(body, 'EntityName', action);
  const column = requireText(body, 'AttributeName', action);
  const format = call.context.environment.schema.table(table)?.columns.get(column)?.autoNumberFormat ?? '';
  if (format === '') {
    throw badRequest(`The attribute '${column}' of '${table}' is not an autonumber attribute.`, '0x80040203');
  }
  return { table, column };
}
