import type { TableDefinition } from '../../model/definitions.ts';
import type { Row } from '../../store/table-store.ts';
import type { ApiResponse, Call } from '../api.ts';
import { json } from '../api.ts';

/** A function (GET) or an action (POST) that is bound to nothing. */
export interface Operation {
  readonly method: 'GET' | 'POST';
  /** `argument` is what stands in the parentheses. */
  readonly run: (call: Call, argument: string) => ApiResponse | Promise<ApiResponse>;
}

/** A function or action bound to one row. */
export interface RowOperation {
  readonly method: 'GET' | 'POST';
  readonly run: (call: Call, table: TableDefinition, row: Row, argument: string) => ApiResponse;
}

/** The answer of a function: an object with its type in the context. */
export function result(call: Call, name: string, members: Readonly<Record<string, unknown>>): ApiResponse {
  const context = `${call.context.serviceRoot}$metadata#Microsoft.Dynamics.CRM.${name}Response`;
  return json(200, JSON.stringify({ '@odata.context': context, ...members }));
}
