import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormatsModule from 'ajv-formats';
import { root } from '../../demo/project-folder.ts';
import type { Operation } from '../../src/api/operation.ts';
import { basePath } from '../../src/api/operations.ts';

/** A Swagger 2.0 response schema, as far as the connector's definition uses it. */
interface SwaggerSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SwaggerSchema>>;
  readonly items?: SwaggerSchema;
  readonly 'x-nullable'?: true;
  readonly [keyword: string]: unknown;
}

interface Swagger {
  readonly definitions: Readonly<Record<string, SwaggerSchema>>;
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly operationId: string;
            readonly responses: Readonly<Record<string, { schema: { $ref: string } }>>;
          }
        >
      >
    >
  >;
}

// The package is CommonJS: its default is one step further in, which its types do not say.
const addFormats = addFormatsModule.default ?? addFormatsModule;

/** The connector's committed definition, asked whether an answer is one that it promises. */
export class ConnectorDefinition {
  readonly #swagger: Swagger;
  readonly #ajv = new Ajv({ strict: false, allErrors: true });
  readonly #known = new Map<string, ValidateFunction>();

  constructor() {
    // The connector's own tests validate the file as Swagger.
    this.#swagger = JSON.parse(
      readFileSync(join(root, 'connector/apiDefinition.swagger.json'), 'utf8'),
    ) as Swagger;
    addFormats(this.#ajv);
  }

  operationIds(): readonly string[] {
    return Object.values(this.#swagger.paths).flatMap((item) =>
      Object.values(item).map(({ operationId }) => operationId),
    );
  }

  /** What is wrong with an answer, one line a fault; an operation or status that is not listed is a fault. */
  faults(operation: Operation, status: number, body: unknown): readonly string[] {
    const described = this.#swagger.paths[basePath + operation.path]?.[operation.method];
    const reference = described?.responses[String(status)]?.schema.$ref;
    if (reference === undefined) return [`${operation.operationId} does not list status ${status}`];
    const validate = this.#validator(reference.replace('#/definitions/', ''));
    if (validate(body)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
    );
  }

  #validator(name: string): ValidateFunction {
    const known = this.#known.get(name);
    if (known) return known;
    const schema = this.#swagger.definitions[name];
    if (schema === undefined) throw new Error(`the definition ${name} does not exist`);
    const compiled = this.#ajv.compile(withNulls(schema));
    this.#known.set(name, compiled);
    return compiled;
  }
}

/** Swagger 2.0 has no null: the extension says where the platform takes one. */
function withNulls({
  'x-nullable': nullable,
  properties,
  items,
  type,
  ...rest
}: SwaggerSchema): SwaggerSchema {
  return {
    ...rest,
    ...(type !== undefined && { type: (nullable ? [type, 'null'] : type) as string }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, withNulls(property)]),
      ),
    }),
    ...(items && { items: withNulls(items) }),
  };
}
