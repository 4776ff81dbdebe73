import { formatBatch } from './batch/format.ts';
import { boundaryOf, parseParts } from './batch/parse.ts';

/** The service takes 32,768 characters; what stands in between may count a little differently. */
const most = 32_000;
/** The same inside a batch: 65,536. */
const mostInBatch = 65_000;

/** These say what the request is about and belong to the part; everything else is for the way there. */
const ofPart = /^(accept|prefer|consistency|odata-.*|if-none-match|callerobjectid|mscrm\..*)$/i;

/**
 * Wide tables and long filters make URLs that no web server takes. Inside a `$batch` twice as much is allowed, so such
 * a GET travels there, and its part comes back as if it were the answer. It is held whole meanwhile, unlike others.
 * The longest `$select` of a table (1,024 columns of up to 50 characters) fits.
 */
export function longUrls(send: typeof fetch): typeof fetch {
  return async (input, init) => {
    if (typeof input !== 'string' || input.length <= most || (init?.method ?? 'GET') !== 'GET') {
      return send(input, init);
    }
    if (input.length > mostInBatch) return tooLong(input.length);
    const at = /^https?:\/\/[^/]+(\/api\/data\/v[\d.]+\/)/i.exec(input);
    if (at === null) return send(input, init);
    return unwrap(await send(`${at[0]}$batch`, wrap(input, at[1] ?? '/', init)));
  };
}

function wrap(url: string, root: string, init: RequestInit | undefined): RequestInit {
  const headers = [...new Headers(init?.headers)];
  const inner = Object.fromEntries(headers.filter(([name]) => ofPart.test(name)));
  const outer = Object.fromEntries(headers.filter(([name]) => name !== 'prefer'));
  const { contentType, body } = formatBatch([{ method: 'GET', url, headers: inner }], root);
  return { ...init, method: 'POST', headers: { ...outer, 'content-type': contentType }, body };
}

/** The part with the headers of the whole (`Date`, limits, ids); the whole where it is no multipart at all. */
async function unwrap(response: Response): Promise<Response> {
  const boundary = boundaryOf(response.headers.get('content-type') ?? undefined);
  if (boundary === null) return response;
  const [part] = parseParts(await response.text(), boundary);
  if (part?.kind !== 'answer') throw new TypeError('a batch of one request was answered without its part');
  const { status, headers, body } = part.answer;
  const transfer = ['content-type', 'content-length', 'content-encoding', 'transfer-encoding'];
  const outer = [...response.headers].filter(([name]) => !transfer.includes(name));
  const bodiless = status === 204 || status === 304;
  return new Response(bodiless ? null : body, {
    status,
    headers: { ...Object.fromEntries(outer), ...headers },
  });
}

function tooLong(length: number): Response {
  const message = `The request's URL has ${length} characters; the service takes ${mostInBatch} at most.`;
  return new Response(JSON.stringify({ error: { code: '', message } }), { status: 414 });
}
