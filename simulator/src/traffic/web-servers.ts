import { createHash } from 'node:crypto';

const COOKIE = 'ARRAffinity';

/**
 * The web servers behind the environment's address. A request goes to the one that its affinity cookie names, and
 * without a cookie to any of them.
 */
export class WebServers {
  readonly #names: readonly string[];
  readonly #random: () => number;

  /** @param random draws 32 bits */
  constructor(count: number, random: () => number) {
    this.#names = Array.from({ length: count }, (_, at) =>
      createHash('sha256').update(`web server ${at}`).digest('hex'),
    );
    this.#random = random;
  }

  /** The number of the server, and the cookie that it offers to whoever came without one. */
  pick(cookies: string | undefined): { readonly server: number; readonly setCookie: string | undefined } {
    const known = cookies === undefined ? -1 : this.#named(cookies);
    if (known >= 0) return { server: known, setCookie: undefined };
    const server = this.#random() % this.#names.length;
    return { server, setCookie: `${COOKIE}=${this.#names[server]};Path=/;HttpOnly` };
  }

  #named(cookies: string): number {
    const value = /(?:^|;\s*)ARRAffinity=([0-9a-f]+)/.exec(cookies)?.[1];
    return value === undefined ? -1 : this.#names.indexOf(value);
  }
}
