import { z } from 'zod';
import type { ControlStore } from '../../vault/index.ts';
import { deliver, type Message, type WebhookTarget } from './webhook.ts';

/**
 * Hours after the first try at which a message is tried again, as the Standard Webhooks specification proposes: soon at
 * first, then less and less often, for a good day. After the last one the message is given up, and said so.
 */
const triesAfterHours = [5 / 3600, 5 / 60, 0.5, 2.5, 7.5, 17.5, 27.5];
const leaseSeconds = 60;

const pending = z.object({
  url: z.string(),
  tries: z.int().nonnegative(),
  nextAt: z.string(),
});
const letter = z.object({
  message: z.object({ id: z.string(), type: z.string(), timestamp: z.string(), data: z.unknown() }),
  firstAt: z.string(),
  pending: z.array(pending),
});
type Letter = z.infer<typeof letter>;

export interface OutboxPorts {
  readonly control: ControlStore;
  readonly fetch: typeof fetch;
  readonly now: () => Date;
}

/** What became of one message at one receiver in this round. */
export interface Sent {
  readonly id: string;
  readonly type: string;
  readonly url: string;
  readonly outcome: 'delivered' | 'later' | 'given-up';
  readonly why: string | null;
}

/**
 * Messages on their way, kept in the control container until every receiver has them: a process that dies, or a receiver
 * that is down, loses none. A message may arrive twice, under the same id.
 */
export class Outbox {
  readonly #ports: OutboxPorts;
  readonly #folder: string;

  constructor(ports: OutboxPorts, environmentId: string) {
    this.#ports = ports;
    this.#folder = `${environmentId}/outbox/`;
  }

  /** Keeps the message for these receivers; nothing is sent yet. */
  async put(message: Message, targets: readonly WebhookTarget[]): Promise<void> {
    if (targets.length === 0) return;
    const now = this.#ports.now().toISOString();
    const kept: Letter = {
      message,
      firstAt: now,
      pending: targets.map(({ url }) => ({ url, tries: 0, nextAt: now })),
    };
    await this.#ports.control.writeMark(`${this.#folder}${nameOf(message.id)}`, kept);
  }

  /**
   * Sends what is due. Nothing happens while another process sends. A receiver that the policy no longer names gets no
   * more.
   */
  async sendDue(targets: readonly WebhookTarget[]): Promise<Sent[]> {
    const { control } = this.#ports;
    const lease = await control.acquireLease(`${this.#folder}lease`, leaseSeconds);
    if (lease === 'held') return [];
    const sent: Sent[] = [];
    try {
      for await (const name of control.listMarks(this.#folder)) {
        const kept = letter.safeParse(await control.readMark(name));
        // What nobody can read would stand in the way for ever.
        if (!kept.success) await control.removeMark(name);
        else sent.push(...(await this.#send(name, kept.data, targets)));
        if ((await lease.renew()) === 'lost') break;
      }
    } finally {
      await lease.release();
    }
    return sent;
  }

  async #send(name: string, kept: Letter, targets: readonly WebhookTarget[]): Promise<Sent[]> {
    const now = this.#ports.now();
    const sent: Sent[] = [];
    const left: Letter['pending'] = [];
    for (const one of kept.pending) {
      const target = targets.find(({ url }) => url === one.url);
      if (target === undefined) continue;
      if (Date.parse(one.nextAt) > now.getTime()) {
        left.push(one);
        continue;
      }
      const delivery = await deliver(target, kept.message, { fetch: this.#ports.fetch, now });
      const { id, type } = kept.message;
      const about = { id, type, url: one.url };
      if (delivery.kind === 'delivered') {
        sent.push({ ...about, outcome: 'delivered', why: null });
        continue;
      }
      const again = triesAfterHours[one.tries];
      if (delivery.final || again === undefined) {
        sent.push({ ...about, outcome: 'given-up', why: delivery.why });
        continue;
      }
      sent.push({ ...about, outcome: 'later', why: delivery.why });
      const nextAt = new Date(Date.parse(kept.firstAt) + again * 3_600_000).toISOString();
      left.push({ url: one.url, tries: one.tries + 1, nextAt });
    }
    const { control } = this.#ports;
    if (left.length === 0) await control.removeMark(name);
    else if (sent.length > 0) await control.writeMark(name, { ...kept, pending: left });
    return sent;
  }
}

/** Ids are made of snapshot ids, codes and folder names: nothing of them needs to be hidden from a path. */
function nameOf(id: string): string {
  return id.replace(/[^\w.-]/g, '_');
}
