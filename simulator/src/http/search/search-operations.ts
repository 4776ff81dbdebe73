import { badRequest } from '../../service/errors.ts';
import { isList, isObject, numberText, parseJson, textMember, type JsonObject } from '../../service/json.ts';
import type { ApiResponse, Call } from '../api.ts';
import { result, type Operation } from '../operations/operation.ts';
import { actionBody, requireText } from '../operations/targets.ts';
import { findRows, highlight, mark, wordsOf, type Hit } from './find-rows.ts';

const MAX_SEARCH = 100;
const MIN_FRAGMENT = 3;
const NOT_HERE = ['filter', 'facets', 'orderby'] as const;

/** Dataverse search as Web API actions; the answer is JSON in a text, as the service gives it. */
export const searchOperations = {
  searchquery: { method: 'POST', run: query },
  searchsuggest: { method: 'POST', run: suggest },
  searchautocomplete: { method: 'POST', run: autocomplete },
} satisfies Record<string, Operation>;

function query(call: Call): ApiResponse {
  const { body, search, tables } = readSearch(call, 'searchquery', 1);
  const hits = findRows(call.context, search, tables, 'word');
  const first = Number(numberText(body['skip']) ?? 0);
  const shown = hits.slice(first, first + Number(numberText(body['top']) ?? 50));
  return answer(call, 'searchquery', {
    Value: shown.map((hit) => foundRow(hit, search)),
    Facets: {},
    Count: body['count'] === true ? hits.length : -1,
  });
}

function foundRow({ table, row, text, score }: Hit, search: string) {
  const name = table.primaryName ?? '';
  return {
    Id: row.id,
    EntityName: table.logicalName,
    ObjectTypeCode: table.objectTypeCode,
    Attributes: { '@search.objecttypecode': table.objectTypeCode, [name]: text },
    Highlights: { [name]: [highlight(text, search)] },
    Score: score,
  };
}

function suggest(call: Call): ApiResponse {
  const { body, search, tables } = readSearch(call, 'searchsuggest', MIN_FRAGMENT);
  const hits = findRows(call.context, search, tables, 'beginning');
  return answer(call, 'searchsuggest', {
    Value: hits.slice(0, Number(numberText(body['top']) ?? 5)).map(({ table, row, text }) => ({
      Text: highlight(text, search),
      Document: {
        '@search.objectid': row.id,
        '@search.entityname': table.logicalName,
        '@search.objecttypecode': table.objectTypeCode,
        [table.primaryName ?? '']: text,
      },
    })),
  });
}

/** The words of the search, the last one completed from the best row. */
function autocomplete(call: Call): ApiResponse {
  const { search, tables } = readSearch(call, 'searchautocomplete', MIN_FRAGMENT);
  const [best] = findRows(call.context, search, tables, 'beginning');
  const words = wordsOf(search);
  const last = words.at(-1) ?? '';
  const whole = wordsOf(best?.text ?? '').find((word) => word.startsWith(last));
  const Value = whole === undefined ? null : [...words.slice(0, -1), mark(whole)].join(' ');
  return answer(call, 'searchautocomplete', { Value });
}

function answer(call: Call, name: string, found: Readonly<Record<string, unknown>>): ApiResponse {
  return result(call, name, { response: JSON.stringify({ Error: null, ...found, QueryContext: null }) });
}

function readSearch(call: Call, action: string, least: number) {
  const body = actionBody(call, action);
  const search = requireText(body, 'search', action);
  if (search.length < least || search.length > MAX_SEARCH) {
    throw badRequest(`'search' must have ${least} to ${MAX_SEARCH} characters.`, '0x80048d19');
  }
  const other = NOT_HERE.find((name) => body[name] !== undefined && body[name] !== null);
  if (other !== undefined) throw badRequest(`The search parameter '${other}' is not supported here.`);
  return { body, search, tables: tablesOf(body, action) };
}

/** `entities` is a text that holds a JSON list of `{"name": …}`. */
function tablesOf(body: JsonObject, action: string): readonly string[] | undefined {
  const text = textMember(body, 'entities');
  if (text === undefined || text === '') return undefined;
  const list = parseJson(text, action);
  if (!isList(list)) throw badRequest("'entities' must be a JSON list.", '0x80048d19');
  return list.flatMap((one) => (isObject(one) ? (textMember(one, 'name') ?? []) : []));
}
