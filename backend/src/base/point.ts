/**
 * A point in the past: a snapshot by its id, an instant (resolves to the last complete snapshot by then), or the
 * latest snapshot.
 */
export type Point =
  | { readonly kind: 'latest' }
  | { readonly kind: 'snapshot'; readonly id: string }
  | { readonly kind: 'instant'; readonly at: string };
