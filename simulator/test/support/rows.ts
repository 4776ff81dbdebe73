import type { SchemaDefinition, TableDefinition } from '../../src/model/definitions.ts';
import { plainText } from '../../src/store/values.ts';
import type { Answer, Client } from './client.ts';

/** Creates a row and returns it as the service shows it. */
export async function create(
  client: Client,
  set: string,
  body: Record<string, unknown>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer['json']> {
  const answer = await client.post(set, body, { Prefer: 'return=representation', ...headers });
  expect({ status: answer.status, error: answer.json?.error }).toEqual({ status: 201, error: undefined });
  return answer.json;
}

export interface User {
  readonly id: string;
  readonly objectId: string;
}

/** A person of the demo environment, by the part of the mail address before the `@`. */
export function user(client: Client, name: string): User {
  const store = client.server.environment.database.store('systemuser');
  const [id = ''] = store.referrers('domainname', `${name}@lindqvist.example`);
  return { id, objectId: plainText(store.get(id)?.values['azureactivedirectoryobjectid']) };
}

/** Puts a changed schema in place: `change` gets every table and returns it, or another. */
export function changeTable(
  client: Client,
  name: string,
  change: (table: TableDefinition) => TableDefinition,
): void {
  changeSchema(client, (schema) => ({
    ...schema,
    tables: schema.tables.map((table) => (table.logicalName === name ? change(table) : table)),
  }));
}

export function changeSchema(client: Client, change: (schema: SchemaDefinition) => SchemaDefinition): void {
  const { environment } = client.server;
  environment.replaceSchema(change(environment.schema.definition), []);
}

/** Lets everything that waits for its time happen. */
export async function settle(client: Client): Promise<void> {
  client.advance(60_000);
  await client.get('WhoAmI');
}

/** Ids that no other test of the file uses. */
export function guids(prefix: string): () => string {
  let counter = 0;
  return () => `${prefix}-0000-4000-8000-${(++counter).toString(16).padStart(12, '0')}`;
}
