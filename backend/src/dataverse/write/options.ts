import type { UpdateOptions, WriteOptions } from '../client.ts';
import { encode } from '../web-api.ts';

export function writeHeaders(options: WriteOptions): Record<string, string> {
  return {
    ...(options.bypassCustomLogic ? { 'MSCRM.BypassBusinessLogicExecution': 'CustomSync,CustomAsync' } : {}),
    ...(options.suppressFlows ? { 'MSCRM.SuppressCallbackRegistrationExpanderJob': 'true' } : {}),
    ...(options.detectDuplicates ? { 'MSCRM.SuppressDuplicateDetection': 'false' } : {}),
  };
}

/** `If-Match: *` means "only if it is there": without it a PATCH would create the row. */
export function updateHeaders(options: UpdateOptions): Record<string, string> {
  return { ...writeHeaders(options), 'if-match': options.ifMatch ?? '*' };
}

export function withTag(url: string, options: WriteOptions): string {
  if (options.tag === undefined) return url;
  return `${url}${url.includes('?') ? '&' : '?'}tag=${encode(options.tag)}`;
}

export const json = { 'content-type': 'application/json; charset=utf-8' };
