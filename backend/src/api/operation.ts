import { z } from 'zod';

/** App roles of the API's registration in Entra ID. Who has none works through the form and its request rows. */
export type Role = 'Rowback.Admin' | 'Rowback.Operator';

export type Method = 'get' | 'post' | 'delete';

export type ErrorStatus = 400 | 401 | 403 | 404 | 409 | 429 | 500 | 503;

export interface Answer {
  readonly description: string;
  readonly schema: z.ZodType;
}

/** One REST operation: what it takes, what it answers, who may call it, and how it is told to people. */
export interface Operation {
  readonly operationId: string;
  readonly method: Method;
  /** OpenAPI form: `/environments/{environment}`. */
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Answers of success by status, each with its JSON schema. */
  readonly responses: Readonly<Partial<Record<200 | 201 | 202, Answer>>>;
  /** What the 200 holds as CSV, which it is where the caller asks for that; left out: there is only JSON. */
  readonly csv?: string;
  /** Errors it may answer with, all as `application/problem+json`. */
  readonly errors: readonly ErrorStatus[];
  /** The caller needs one of these roles; `public` needs no sign-in. */
  readonly roles: readonly Role[] | 'public';
  /** How the connector shows it: `important` first, `internal` never. */
  readonly visibility: 'important' | 'normal' | 'internal';
}

/** Keeps the exact schemas in the type, so that handlers get typed input. */
export const operation = <const T extends Operation>(value: T): T => value;

/** How callers ask for CSV without an Accept header. */
const format = z.enum(['json', 'csv']).optional().meta({
  title: 'Format',
  description: 'Either json or csv. Without it the Accept header decides.',
});

/** The query that an operation takes; for one that answers as CSV too, with the form of the answer. */
export function queryOf({ query, csv }: Operation): z.ZodObject | undefined {
  return csv === undefined ? query : (query ?? z.strictObject({})).extend({ format });
}

type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined;

/** What a handler gets once the request was validated; a part that the operation does not take is undefined. */
export interface Input<T extends Operation> {
  readonly params: Parsed<T['params']>;
  readonly query: Parsed<T['query']>;
  readonly headers: Parsed<T['headers']>;
  readonly body: Parsed<T['body']>;
  /** Whether the caller wants CSV; always false where the operation has none. */
  readonly wantsCsv: boolean;
}

/** What a handler answers with: one of the operation's statuses and its body, or the text of a CSV. */
export type Output<T extends Operation> =
  Bodies<T> | (T extends { readonly csv: string } ? { readonly status: 200; readonly csv: string } : never);

type Bodies<T extends Operation> = {
  [S in keyof T['responses'] & number]: T['responses'][S] extends {
    readonly schema: infer B extends z.ZodType;
  }
    ? { readonly status: S; readonly body: z.input<B> }
    : never;
}[keyof T['responses'] & number];
