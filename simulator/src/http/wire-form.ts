import type { ApiResponse } from './api.ts';

const COMPRESS_FROM_BYTES = 1024;
/** The fastest: what the service gains by more it pays in time. */
export const GZIP = { level: 1 } as const;

/** Is the body of that many bytes sent as gzip? Where the client takes it, and it is worth it. */
export function goesAsGzip(bytes: number, acceptEncoding: string | undefined): boolean {
  return bytes >= COMPRESS_FROM_BYTES && /\bgzip\b/.test(acceptEncoding ?? '');
}

/** Answers of these statuses have neither a body nor its length. */
export function isBodiless(status: number): boolean {
  return status === 204 || status === 304;
}

/** Where the connection ends; an answer without a body has no middle, and nothing of it arrives. */
export function cutOf({ status, body, delivery }: ApiResponse): number | 'head' | undefined {
  if (typeof delivery?.cutAt !== 'number') return delivery?.cutAt;
  return isBodiless(status) || (body?.length ?? 0) === 0 ? 'head' : delivery.cutAt;
}
