import { Webhook } from 'standardwebhooks';

/** Where messages go, and the secret that signs them. */
export interface WebhookTarget {
  readonly url: string;
  /** `whsec_` and base64, as the Standard Webhooks specification writes it. */
  readonly secret: string;
}

/** A message to send. */
export interface Message {
  /** Stays the same however often the message is sent, so that the receiver can tell a repetition. */
  readonly id: string;
  /** Full-stop delimited, such as `alert.many-deleted`. */
  readonly type: string;
  /** When what it tells of happened. */
  readonly timestamp: string;
  readonly data: unknown;
}

export type Delivery =
  | { readonly kind: 'delivered' }
  /** `final`: the receiver wants no more of it (410). */
  | { readonly kind: 'failed'; readonly final: boolean; readonly why: string };

/** As long as a receiver may take to answer. */
const answerWithinMs = 15_000;

/**
 * Sends one message once, signed by the scheme of Standard Webhooks (standardwebhooks.com): `webhook-id`,
 * `webhook-timestamp`, `webhook-signature`. Only an answer of 2xx counts; redirects are not followed, because a
 * signature is for one receiver. The answer's body is not read.
 */
export async function deliver(
  target: WebhookTarget,
  message: Message,
  ports: { readonly fetch: typeof fetch; readonly now: Date },
): Promise<Delivery> {
  const { id, ...payload } = message;
  const body = JSON.stringify(payload);
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Rowback',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(ports.now.getTime() / 1000)),
    'webhook-signature': new Webhook(target.secret).sign(id, ports.now, body),
  };
  try {
    const answer = await ports.fetch(target.url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(answerWithinMs),
    });
    await answer.body?.cancel();
    if (answer.ok) return { kind: 'delivered' };
    return { kind: 'failed', final: answer.status === 410, why: `answered ${answer.status}` };
  } catch (error) {
    // Whatever kept the message from arriving is the receiver's or the network's: it is tried again.
    return { kind: 'failed', final: false, why: reasonOf(error) };
  }
}

/** Read by shape: an error of `fetch` need not be of this realm's classes. */
function reasonOf(error: unknown): string {
  const { name, cause } = error as { readonly name?: unknown; readonly cause?: { readonly code?: unknown } };
  if (name === 'TimeoutError') return `did not answer within ${answerWithinMs / 1000} seconds`;
  const code = cause?.code ?? name;
  return typeof code === 'string' ? `could not be reached (${code})` : 'could not be reached';
}
