import { parse, stringify } from 'lossless-json';
import type { ApiRequest, ApiResponse } from '../api.ts';

/** `/api/search/v2.0/query` and its kin are the Web API's actions under other names; version 1.0 has its own shapes. */
export const SEARCH_PATH = /^\/api\/search\/v([12])\.0\/(query|suggest|autocomplete)$/;

type Members = Readonly<Record<string, unknown>>;

/** The action that the endpoint stands for. */
export function toAction(request: ApiRequest, version: string, verb: string): ApiRequest {
  const resource = `search${verb}`;
  if (version === '2') return { ...request, resource };
  const body = membersOf(Buffer.from(request.body).toString('utf8'));
  return { ...request, resource, body: Buffer.from(stringify(fromLegacy(body)) ?? '') };
}

/** What is no object stands for an empty one: the action then says what is missing. */
function membersOf(text: string): Members {
  try {
    const value: unknown = parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** Version 1.0 names tables in a list, and does not care for the case of names. */
function fromLegacy(body: Members): Members {
  const named = Object.fromEntries(Object.entries(body).map(([name, value]) => [name.toLowerCase(), value]));
  const { entities, returntotalrecordcount: count, ...rest } = named;
  return {
    ...rest,
    ...(Array.isArray(entities)
      ? { entities: JSON.stringify(entities.map((name) => ({ name: String(name) }))) }
      : {}),
    ...(count === undefined ? {} : { count }),
  };
}

interface FoundRow {
  readonly Id: string;
  readonly EntityName: string;
  readonly Attributes: Members;
  readonly Highlights: Members;
  readonly Score: number;
}

/** The answer in the shape of version 1.0. */
export function toLegacy(response: ApiResponse, verb: string): ApiResponse {
  if (response.status !== 200) return response;
  const outer = JSON.parse(String(response.body)) as { response: string }; // what the action answers
  const found = JSON.parse(outer.response) as { Value: unknown; Count?: number }; // likewise
  return { ...response, body: JSON.stringify(legacyAnswer(found, verb)) };
}

function legacyAnswer(found: { Value: unknown; Count?: number }, verb: string): Members {
  if (verb === 'autocomplete') return { value: found.Value };
  if (verb === 'suggest') {
    const suggestions = found.Value as readonly { Text: string; Document: Members }[]; // see search-operations.ts
    return { value: suggestions.map(({ Text, Document }) => ({ text: Text, document: Document })) };
  }
  const rows = found.Value as readonly FoundRow[]; // see search-operations.ts
  return {
    value: rows.map((row) => ({
      '@search.score': row.Score,
      '@search.highlights': row.Highlights,
      '@search.entityname': row.EntityName,
      '@search.objectid': row.Id,
      ...row.Attributes,
    })),
    facets: {},
    totalrecordcount: found.Count,
  };
}
