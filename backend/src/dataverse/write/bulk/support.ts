import { DataverseError } from '../../errors.ts';
import type { TableMetadata } from '../../metadata/types.ts';
import { encode, literal, rowsOf, type WebApi } from '../../web-api.ts';

export type BulkMessage = 'CreateMultiple' | 'UpdateMultiple' | 'UpsertMultiple' | 'DeleteMultiple';

/**
 * Which tables take which bulk message. The service says so in `sdkmessagefilters`; where that cannot be read, or is
 * wrong, its refusal says so. Either is remembered.
 */
export class BulkSupport {
  readonly #api: WebApi;
  readonly #known = new Map<string, Promise<boolean>>();

  constructor(api: WebApi) {
    this.#api = api;
  }

  /** Where the service cannot be asked just now, the message itself will tell. */
  async takes(table: TableMetadata, message: BulkMessage): Promise<boolean> {
    try {
      return await this.#takes(table, message);
    } catch (error) {
      if (error instanceof DataverseError) return true;
      throw error;
    }
  }

  /** Elastic tables take all four, the others never the deletion. Upserts need no filter of their own. */
  async #takes(table: TableMetadata, message: BulkMessage): Promise<boolean> {
    if (table.kind === 'elastic' && !this.#known.has(`${table.name} ${message}`)) return true;
    if (message === 'DeleteMultiple') return false;
    if (message !== 'UpsertMultiple' || this.#known.has(`${table.name} ${message}`)) {
      return this.#ask(table, message);
    }
    const both = await Promise.all([this.#ask(table, 'CreateMultiple'), this.#ask(table, 'UpdateMultiple')]);
    return both.every(Boolean);
  }

  /** The service refused the message for the table as such. */
  refused(table: TableMetadata, message: BulkMessage): void {
    this.#known.set(`${table.name} ${message}`, Promise.resolve(false));
  }

  #ask(table: TableMetadata, message: BulkMessage): Promise<boolean> {
    const key = `${table.name} ${message}`;
    const known = this.#known.get(key) ?? hasFilter(this.#api, table, message);
    this.#known.set(key, known);
    known.catch(() => this.#known.delete(key));
    return known;
  }
}

async function hasFilter(api: WebApi, table: TableMetadata, message: BulkMessage): Promise<boolean> {
  const filter = 'sdkmessageid/name eq @message and primaryobjecttypecode eq @table';
  const url = `sdkmessagefilters?$select=sdkmessagefilterid&$filter=${encode(filter)}&@message=${encode(literal(message))}&@table=${encode(literal(table.name))}`;
  try {
    return rowsOf(await api.get(url)).length > 0;
  } catch (error) {
    // An identity without the right to read them, or a service without them: the message itself will tell.
    if (error instanceof DataverseError && cannotTell.includes(error.kind)) return true;
    throw error;
  }
}

const cannotTell: readonly string[] = ['not-found', 'forbidden', 'bad-request', 'not-supported'];

/** The table does not take the message, whatever the rows: by code, by status, or only by the words that are used. */
export function refusesMessage(error: DataverseError): boolean {
  if (error.kind === 'not-supported') return true;
  return /is not enabled on the entity|does not support entities of type|has not yet been implemented|Resource not found for the segment/i.test(
    error.message,
  );
}
