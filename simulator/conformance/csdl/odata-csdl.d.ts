/** The package has no types of its own. */
declare module 'odata-csdl' {
  /** CSDL XML as CSDL JSON; what it finds wrong goes to `messages`. */
  export function xml2json(xml: string, options?: { readonly messages?: unknown[] }): Record<string, unknown>;
}
