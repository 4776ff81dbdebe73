import { RowbackError } from '../../base/errors.ts';
import type { Alert } from '../../vault/index.ts';
import { Outbox, type OutboxPorts, type Sent } from './outbox.ts';
import type { Message, WebhookTarget } from './webhook.ts';

/** Tells the policy's webhooks what happens in an environment. */
export interface Notifier {
  /** Takes the message and begins to send it; does not wait for receivers. */
  send(message: Message): void;
  /** Sends again what receivers did not take, where it is due. */
  sendDue(): Promise<Sent[]>;
  /** Waits for what was begun. Gives what went wrong, in words; what was not taken stays in the outbox. */
  settled(): Promise<string[]>;
}

export function openNotifier(
  ports: OutboxPorts,
  environmentId: string,
  targets: readonly WebhookTarget[],
): Notifier {
  const outbox = new Outbox(ports, environmentId);
  const problems: string[] = [];
  let working: Promise<void> = Promise.resolve();

  async function sendNow(message: Message): Promise<void> {
    try {
      await outbox.put(message, targets);
      for (const sent of await outbox.sendDue(targets)) {
        if (sent.outcome !== 'delivered') problems.push(problemOf(sent));
      }
    } catch (error) {
      if (!(error instanceof RowbackError)) throw error;
      problems.push(`The message ${message.id} could not be kept for sending: ${error.message}`);
    }
  }

  return {
    send(message) {
      if (targets.length > 0) working = working.then(() => sendNow(message));
    },
    sendDue: () => (targets.length === 0 ? Promise.resolve([]) : outbox.sendDue(targets)),
    async settled() {
      await working;
      return problems.splice(0);
    },
  };
}

/** What a receiver did with a message, for people. The address may hold a key, so only its host is shown. */
export function problemOf({ id, url, outcome, why }: Sent): string {
  const again = outcome === 'given-up' ? 'it is not sent again' : 'it is sent again later';
  return `The webhook at ${new URL(url).host} did not take the message ${id} (${why ?? 'no answer'}); ${again}.`;
}

/** An alert as webhooks get it; null: the policy expects it, so it is kept and not sent. */
export function alertMessage(
  environment: string,
  snapshot: string,
  at: string,
  alert: Alert,
): Message | null {
  if (alert.expected !== null) return null;
  const { id, code } = alert;
  return { id, type: `alert.${code}`, timestamp: at, data: { environment, snapshot, alert } };
}
