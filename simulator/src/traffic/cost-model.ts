import type { ApiRequest, ApiResponse } from '../http/api.ts';

/**
 * How long each kind of request executes: a base in milliseconds, and what its contents add. The figures are a model,
 * made so that the known proportions hold: rows by the thousand cost hundreds of milliseconds, single writes tens.
 */
export const COSTS = {
  whoAmI: { baseMs: 5, perUnitMs: 0 },
  function: { baseMs: 15, perUnitMs: 0 },
  /** Per KB of the answer. */
  metadata: { baseMs: 40, perUnitMs: 0.05 },
  row: { baseMs: 12, perUnitMs: 0.2 },
  page: { baseMs: 25, perUnitMs: 0.15 },
  /** Per KB of the file's block, up or down. */
  file: { baseMs: 40, perUnitMs: 0.02 },
  create: { baseMs: 45, perUnitMs: 0.2 },
  update: { baseMs: 40, perUnitMs: 0.2 },
  delete: { baseMs: 50, perUnitMs: 0 },
  /** Per row. */
  bulk: { baseMs: 60, perUnitMs: 10 },
  action: { baseMs: 60, perUnitMs: 0.2 },
  /** The envelope; the parts add their own. */
  batch: { baseMs: 10, perUnitMs: 0 },
} as const;

export type RequestKind = keyof typeof COSTS;

/** What the network adds to each request, there and back. */
const ROUND_TRIP_MS = 35;
/** One request in a hundred meets a cold cache or a busy database. */
const SLOW_ONE_IN = 100;
const SLOW_FACTOR = 5;
const UINT32 = 2 ** 32;

/** Times of requests, with noise from the seed: the same requests in the same order take the same time. */
export class CostModel {
  readonly #random: () => number;

  /** @param random draws 32 bits */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Milliseconds of execution, two decimals. */
  executionMs(request: ApiRequest, response: ApiResponse): number {
    const kind = kindOf(request);
    const { baseMs, perUnitMs } = COSTS[kind];
    const mean = baseMs + (perUnitMs === 0 ? 0 : perUnitMs * unitsOf(kind, request, response));
    return Math.round(mean * this.#noise() * 100) / 100;
  }

  roundTripMs(): number {
    return ROUND_TRIP_MS * (0.8 + 0.4 * this.#draw());
  }

  /** Around one: 0.7 to 1.3, and now and then five times that. */
  #noise(): number {
    const spread = 0.7 + 0.3 * (this.#draw() + this.#draw());
    return this.#draw() * SLOW_ONE_IN < 1 ? spread * SLOW_FACTOR : spread;
  }

  #draw(): number {
    return this.#random() / UINT32;
  }
}

/** What a request is, by its method and path alone. */
export function kindOf({ method, resource, headers }: ApiRequest): RequestKind {
  const path = resource.replace(/[?#].*$/s, '');
  if (path.startsWith('$batch')) return 'batch';
  if (path.startsWith('WhoAmI')) return 'whoAmI';
  if (
    /^(\$metadata|EntityDefinitions|RelationshipDefinitions|GlobalOptionSetDefinitions|ManagedPropertyDefinitions)/.test(
      path,
    )
  )
    return 'metadata';
  if (/Multiple$/.test(path)) return 'bulk';
  if (
    /(UploadBlock|DownloadBlock)$/.test(path) ||
    headers.has('x-ms-transfer-mode') ||
    headers.has('content-range')
  )
    return 'file';
  if (method === 'GET') return readKind(path, headers);
  const operation = /(^|\/)(Microsoft\.Dynamics\.CRM\.)?[A-Z]\w*(\(.*\))?$/.test(path);
  if (method === 'POST') return operation ? 'action' : 'create';
  return method === 'DELETE' ? 'delete' : 'update';
}

function readKind(path: string, headers: ReadonlyMap<string, string>): RequestKind {
  if (path.endsWith('/$value') || headers.has('range')) return 'file';
  if (/^[A-Z]\w*(\(.*\))?$/.test(path)) return 'function';
  return /\)$/.test(path) ? 'row' : 'page';
}

function unitsOf(kind: RequestKind, request: ApiRequest, response: ApiResponse): number {
  const sent = request.body.length / 1024;
  const answered = (response.body?.length ?? 0) / 1024;
  switch (kind) {
    case 'bulk':
      return occurrences(Buffer.from(request.body), '"@odata.type"') || 1;
    case 'metadata':
    case 'row':
    case 'page':
      return answered;
    case 'file':
      return sent + answered;
    default:
      return sent;
  }
}

function occurrences(body: Buffer, text: string): number {
  let count = 0;
  for (let at = body.indexOf(text); at >= 0; at = body.indexOf(text, at + text.length)) count++;
  return count;
}
