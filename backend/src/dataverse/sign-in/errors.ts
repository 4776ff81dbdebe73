import { DataverseError } from '../errors.ts';

/** AADSTS numbers that have a remedy of their own. */
const hints: Readonly<Record<string, string>> = {
  '7000215': 'The client secret is wrong. Copy the secret’s value (not its id) from the app registration.',
  '7000222': 'The client secret has expired. Make a new one in the app registration.',
  '700016': 'The client id is not known in this tenant. Check both.',
  '90002': 'The tenant does not exist. Check the tenant id.',
  '900023': 'The tenant is neither a guid nor a domain. Check the tenant id.',
  '500011': 'The environment’s URL is not known in this tenant. Check the URL and the tenant id.',
  '700024': 'The clock of this machine is wrong. Set it, then try again.',
  '700027': 'The certificate is not the one of the app registration. Upload its public part there.',
  '50034': 'The identity does not exist in this tenant. Check the tenant id.',
};

/** What the machine's own identity service answers; there is no tenant and no endpoint of ours in it. */
export function managedIdentityError(cause: unknown): DataverseError {
  const { code, status, text } = factsOf(cause);
  return new DataverseError(
    `The managed identity gave no token: ${text}`,
    { kind: 'sign-in', status, serviceCode: code, requestId: null },
    {
      cause,
      hint: 'Give this machine or app a managed identity, name its client id where it has several, and make it an application user of the environment.',
    },
  );
}

/** Translates what msal-node throws: its classes stay here. */
export function signInError(cause: unknown, about: { tenant: string; endpoint: string }): DataverseError {
  const { code, number, status, text } = factsOf(cause);
  const known = hints[number];
  const unreachable = code === 'network_error' || code === 'endpoints_resolution_error' || code === '';
  const message =
    unreachable && known === undefined
      ? `The token endpoint ${about.endpoint} gave no usable answer: ${text}`
      : `Signing in to tenant ${about.tenant} was refused: ${text}`;
  const hint =
    known ??
    (unreachable ? 'Check the network, the proxy and the address of the token endpoint.' : undefined);
  return new DataverseError(
    message,
    { kind: 'sign-in', status, serviceCode: number === '' ? code : `AADSTS${number}`, requestId: null },
    { cause, ...(hint === undefined ? {} : { hint }) },
  );
}

function factsOf(cause: unknown): { code: string; number: string; status: number; text: string } {
  if (!(cause instanceof Error)) return { code: '', number: '', status: 0, text: String(cause) };
  const text = firstLine(cause.message);
  const number = /AADSTS(\d+)/.exec(cause.message)?.[1] ?? '';
  const code = 'errorCode' in cause && typeof cause.errorCode === 'string' ? cause.errorCode : '';
  const status = 'status' in cause && typeof cause.status === 'number' ? cause.status : 0;
  return { code, number, status, text };
}

/** Entra adds trace ids and times below the first line; they stay in the cause. */
function firstLine(text: string): string {
  return text.split(/\r?\n/)[0] ?? text;
}
