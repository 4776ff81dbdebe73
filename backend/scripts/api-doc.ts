import { format } from 'prettier';
import { z } from 'zod';
import { errorTexts } from '../src/api/openapi.ts';
import { queryOf, type Operation } from '../src/api/operation.ts';
import { basePath, operations } from '../src/api/operations.ts';
import { problemDetails } from '../src/jobs/contract.ts';

/** The REST operations for people: `docs/api.md`, written from the values that the service serves. */

type Schema = z.core.JSONSchema.BaseSchema;

const introduction = `# REST operations

<!-- Written by backend/scripts/api-doc.ts from the list of operations: run \`npm run api-doc -w backend\`. -->

All paths begin with \`${basePath}\`. Requests and answers are JSON. Requests carry an access token of Microsoft Entra ID as
\`Authorization: Bearer …\`, except where an operation says otherwise. What starts work takes an \`Idempotency-Key\`: the
same key again answers with what the first request started.

The connector is generated from the same list, and so is the OpenAPI 3.1 document (\`backend/src/api/openapi.ts\`).

## Errors

Errors are \`application/problem+json\`:

${fields(z.toJSONSchema(problemDetails))}

| status | meaning |
| --- | --- |
${Object.entries(errorTexts)
  .map(([status, text]) => `| ${status} | ${text} |`)
  .join('\n')}

## Operations
`;

/** The text of \`docs/api.md\`. */
export async function apiDoc(): Promise<string> {
  const all: readonly Operation[] = Object.values(operations);
  const text = [introduction, ...all.map(section), '## Answers\n', ...shapes(all)].join('\n');
  return format(text, { parser: 'markdown', printWidth: 110 });
}

/** Each shape once, under its title, however many operations answer with it. */
function shapes(all: readonly Operation[]): readonly string[] {
  const answers = all.flatMap((operation) => Object.values(operation.responses).map(({ schema }) => schema));
  const byTitle = new Map(answers.map((schema) => [titleOf(schema), schema]));
  return [...byTitle].map(([title, schema]) => `### Answer: ${title}\n\n${fields(z.toJSONSchema(schema))}\n`);
}

function titleOf(schema: z.ZodType): string {
  const title = schema.meta()?.title;
  if (title === undefined) throw new Error('A schema that an operation answers with has no title.');
  return title;
}

function section(operation: Operation): string {
  const { params, headers, body, csv } = operation;
  return [
    `### ${operation.summary}`,
    `\`${operation.method.toUpperCase()} ${basePath}${operation.path}\` (\`${operation.operationId}\`)`,
    operation.description,
    operation.roles === 'public' ? 'Needs no sign-in.' : `Roles: ${operation.roles.join(' or ')}.`,
    part('Path', params),
    part('Query', queryOf(operation)),
    part('Header', headers),
    part('Body', body),
    answers(operation),
    csv === undefined
      ? undefined
      : `With \`format=csv\`, or \`Accept: text/csv\`, the answer is CSV (RFC 4180). ${csv}`,
    `Errors: ${[...operation.errors].sort((a, b) => a - b).join(', ')}.`,
    '',
  ]
    .filter((text) => text !== undefined)
    .join('\n\n');
}

function part(name: string, schema: z.ZodType | undefined): string | undefined {
  return schema && `${name}:\n\n${fields(z.toJSONSchema(schema, { io: 'input' }))}`;
}

function answers(operation: Operation): string {
  return Object.entries(operation.responses)
    .map(([status, { description, schema }]) => {
      const title = titleOf(schema);
      const anchor = `answer-${title.toLowerCase().replaceAll(' ', '-')}`;
      return `Answers ${status} with [${title}](#${anchor}): ${description}`;
    })
    .join('\n\n');
}

/** A list with one line a field; fields of fields stand one level further in. */
function fields(schema: Schema, indent = ''): string {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {})
    .filter((entry): entry is [string, Schema] => typeof entry[1] !== 'boolean')
    .map(([name, field]) => {
      const fallback = field.default === undefined ? '' : `, default \`${JSON.stringify(field.default)}\``;
      const optional = required.has(name) ? '' : ', optional';
      const line = `${indent}- \`${name}\` (${typeName(field)}${optional}${fallback}): ${field.description ?? ''}`;
      const below = objectsIn(field)
        .map((object) => fields(object, `${indent}  `))
        .filter((text) => text !== '');
      return [line, ...new Set(below)].join('\n');
    })
    .join('\n');
}

function typeName(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) {
    return [
      ...new Set(choices.map((choice) => (typeof choice === 'boolean' ? 'any' : typeName(choice)))),
    ].join(' or ');
  }
  if (schema.type === 'array') return `list of ${typeName(itemOf(schema))}`;
  return [schema.type ?? 'any'].flat().join(' or ');
}

/** The objects that a field is or holds: itself, the items of a list, the branches of a union. */
function objectsIn(schema: Schema): readonly Schema[] {
  if (schema.type === 'array') return objectsIn(itemOf(schema));
  if (schema.type === 'object') return [schema];
  return [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((choice) =>
    typeof choice === 'boolean' ? [] : objectsIn(choice),
  );
}

// The contract has no tuples, so the items of a list are one schema.
const itemOf = (schema: Schema): Schema => (schema.items ?? {}) as Schema;
