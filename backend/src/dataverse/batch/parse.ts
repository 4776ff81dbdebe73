/** One answer inside a `multipart/mixed` body. */
export interface PartAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Inside a change set: which request it answers. */
  readonly contentId: number | null;
}

/** A part is one answer, or the answers of a change set. */
export type Part =
  | { readonly kind: 'answer'; readonly answer: PartAnswer }
  | { readonly kind: 'changeset'; readonly answers: readonly PartAnswer[] };

/** Null: not multipart. A malformed batch is answered with one plain JSON error. */
export function boundaryOf(contentType: string | undefined): string | null {
  const found = /^multipart\/mixed;.*boundary="?([^";]+)"?/i.exec(contentType ?? '');
  return found?.[1] ?? null;
}

/** False: the body was cut off, and its last part may be only the beginning of one. */
export function isWhole(body: string, boundary: string): boolean {
  return `\r\n${body}`.includes(`\n--${boundary}--`);
}

export function parseParts(body: string, boundary: string): Part[] {
  return cut(body, boundary).map((text) => {
    const { headers, rest } = splitHead(text);
    const inner = boundaryOf(headers['content-type']);
    if (inner !== null) {
      const answers = cut(rest, inner).map((one) => {
        const part = splitHead(one);
        return answerOf(part.rest, Number(part.headers['content-id'] ?? NaN));
      });
      return { kind: 'changeset', answers };
    }
    return { kind: 'answer', answer: answerOf(rest, Number(headers['content-id'] ?? NaN)) };
  });
}

/** A boundary stands at the beginning of a line; what is before the first and after the last is not said. */
function cut(body: string, boundary: string): string[] {
  const lines = `\r\n${body}`;
  return lines
    .split(`\n--${boundary}`)
    .slice(1)
    .filter((part) => !part.startsWith('--'))
    .map((part) => part.replace(/^[ \t]*\r?\n/, '').replace(/\r$/, ''));
}

function splitHead(text: string): { readonly headers: Record<string, string>; readonly rest: string } {
  const end = /\r?\n\r?\n/.exec(text);
  const head = end === null ? text : text.slice(0, end.index);
  const headers: Record<string, string> = {};
  for (const line of head.split(/\r?\n/)) {
    const at = line.indexOf(':');
    if (at > 0) headers[line.slice(0, at).trim().toLowerCase()] = line.slice(at + 1).trim();
  }
  return { headers, rest: end === null ? '' : text.slice(end.index + end[0].length) };
}

function answerOf(http: string, contentId: number): PartAnswer {
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(http)?.[1] ?? 0);
  const { headers, rest } = splitHead(http);
  return { status, headers, body: rest.trimEnd(), contentId: Number.isNaN(contentId) ? null : contentId };
}
