import { DataverseError } from '../errors.ts';

/** Codes of a query that took the database too long. */
const tookTooLong = ['0x80044151', '0x80044171', '0x80044172', '0x80044173', '0x80081111'];

/**
 * Rows to ask for. Wide rows make pages that the service cannot finish in its two minutes, or that the connection does
 * not survive; half of it may go through, and the link stays good for any size.
 */
export class PageSize {
  #rows: number;

  constructor(rows: number) {
    this.#rows = rows;
  }

  get rows(): number {
    return this.#rows;
  }

  halve(): void {
    this.#rows = Math.ceil(this.#rows / 2);
  }

  /** False: the error has nothing to do with the size, or the page cannot be any smaller. */
  halveAfter(error: DataverseError): boolean {
    if (this.#rows <= 1 || !isAboutSize(error)) return false;
    this.halve();
    return true;
  }
}

function isAboutSize({ kind, status, serviceCode }: DataverseError): boolean {
  if (kind === 'too-large') return status !== 414;
  if (kind !== 'transient') return false;
  return tookTooLong.includes(serviceCode) || status === 504 || status === 408;
}
