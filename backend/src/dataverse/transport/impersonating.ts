import type { Transport } from './port.ts';

/**
 * Acts for a user (Entra object id). Effective rights are those that both have, column security is the user's, and
 * rows say that the user wrote them on our behalf. Needs prvActOnBehalfOfAnotherUser.
 */
export function impersonating(inner: Transport, entraObjectId: string): Transport {
  return {
    send: (request) =>
      inner.send({ ...request, headers: { ...request.headers, callerobjectid: entraObjectId } }),
  };
}
