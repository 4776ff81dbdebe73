import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const connector = resolve(import.meta.dirname, '..', '..');

export const pathOf = (name: string): string => resolve(connector, name);
export const textOf = (name: string): string => readFileSync(pathOf(name), 'utf8');

/** The platform's JSON schemas for connectors, which are not ours to copy: `ROWBACK_CONNECTOR_SCHEMAS` names their folder. */
export const schemaFolder = resolve(
  connector,
  '..',
  process.env['ROWBACK_CONNECTOR_SCHEMAS'] ?? '../shared/connector-schemas',
);
export const hasSchemas = existsSync(resolve(schemaFolder, 'apiDefinition.swagger.schema.json'));
export const readSchema = (name: string): Record<string, unknown> => {
  const { id: _id, ...schema } = JSON.parse(readFileSync(resolve(schemaFolder, name), 'utf8')) as Record<
    string,
    unknown
  >;
  return schema;
};

export interface Schema {
  readonly type?: string;
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly 'x-ms-summary'?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly [key: string]: unknown;
}

export interface SwaggerParameter extends Schema {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'body';
  readonly required: boolean;
  readonly schema?: Schema;
}

export interface SwaggerOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly SwaggerParameter[];
  readonly responses: Readonly<Record<string, { readonly description: string; readonly schema: Schema }>>;
}

export interface Swagger {
  readonly info: { readonly title: string; readonly description: string };
  readonly host: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, SwaggerOperation>>>>;
  readonly definitions: Readonly<Record<string, Schema>>;
  readonly [key: string]: unknown;
}

export const readSwagger = (): Swagger => JSON.parse(textOf('apiDefinition.swagger.json')) as Swagger;

export const operationsOf = (swagger: Swagger) =>
  Object.entries(swagger.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );
