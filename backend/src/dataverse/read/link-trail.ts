import { createHash } from 'node:crypto';
import { DataverseError } from '../errors.ts';

/** The links of one read. One that comes back leads round in a circle, for ever; only their hashes are kept. */
export class LinkTrail {
  readonly #seen = new Set<string>();
  readonly #table: string | undefined;

  constructor(table?: string) {
    this.#table = table;
  }

  /** @throws DataverseError `unexpected-answer` when this link was followed before. */
  follow(link: string): string {
    const mark = createHash('sha256').update(link).digest('base64');
    if (this.#seen.has(mark)) {
      throw new DataverseError(
        `The pages${this.#table === undefined ? '' : ` of ${this.#table}`} go round in a circle: a link to the next page came a second time.`,
        {
          kind: 'unexpected-answer',
          status: 200,
          serviceCode: '',
          requestId: null,
          ...(this.#table === undefined ? {} : { table: this.#table }),
        },
      );
    }
    this.#seen.add(mark);
    return link;
  }
}
