import { parsePreferences } from '../service/context.ts';
import { ServiceError } from '../service/errors.ts';
import type { Switches } from '../service/switches.ts';
import { json, type ApiRequest, type ApiResponse } from './api.ts';
import { germanText } from './german-texts.ts';

const DETAILS = '@Microsoft.PowerApps.CDS.ErrorDetails';

/**
 * The service's error body. Anything but a refusal is a fault of ours: 500, with the text, so that it is seen.
 * Annotations are there only for those who asked for them.
 */
export function errorResponse(
  request: ApiRequest,
  error: unknown,
  language: Switches['messageLanguage'] = 'english',
): ApiResponse {
  const refusal = error instanceof ServiceError ? error : unexpected(error);
  if (refusal.status === 401) return { status: 401, headers: refusal.headers, body: undefined };
  const message = textOf(refusal, language);
  const wants = parsePreferences(request.headers.get('prefer')).annotation;
  const annotations: Record<string, string> = {
    [`${DETAILS}.OperationStatus`]: '0',
    [`${DETAILS}.SubErrorCode`]: '-2146233088',
    '@Microsoft.PowerApps.CDS.HelpLink': `http://go.microsoft.com/fwlink/?LinkID=398563&error=Microsoft.Crm.CrmException%3a${refusal.code.slice(2)}&client=platform`,
    '@Microsoft.PowerApps.CDS.InnerError.Message': message,
    ...refusal.annotations,
  };
  const shown = Object.entries(annotations).filter(([name]) => wants(name.slice(1)));
  const body = JSON.stringify({
    error: { code: refusal.code, message, ...Object.fromEntries(shown) },
  });
  return json(refusal.status, body, { 'OData-Version': '4.0', ...refusal.headers });
}

/** The text in the language of the user's settings. */
export function textOf(refusal: ServiceError, language: Switches['messageLanguage']): string {
  return language === 'german' ? germanText(refusal) : refusal.message;
}

function unexpected(error: unknown): ServiceError {
  const text = String(error instanceof Error ? error.stack : error);
  return new ServiceError(500, '0x80040216', `An unexpected error occurred. ${text}`);
}
