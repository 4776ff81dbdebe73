/** A message that one receiver holds for a while; when the while is over and nobody removed it, another gets it. */
export interface HeldMessage {
  readonly text: string;
  /** How often it has been handed out, this time included. */
  readonly timesReceived: number;
  /** Holds it that much longer from now. `lost`: somebody else may have it. */
  renew(seconds: number): Promise<'renewed' | 'lost'>;
  /** Done with it. No error when it is somebody else's by now: they will find the work done. */
  remove(): Promise<void>;
}

/** A message that cannot be worked on, and why. */
export interface AsideMessage {
  readonly text: string;
  readonly setAsideAt: string;
}

/**
 * Work for whoever comes first. A message is handed out at least once: again after its receiver vanished, and now and
 * then twice at the same time. The order is not promised. Every method throws `VaultError`s of storage (`storage-…`).
 */
export interface WorkQueue {
  /** At most 48 KiB of text. It is not handed out before `delaySeconds` have passed. */
  send(text: string, delaySeconds?: number): Promise<void>;
  /** Null: nothing to do now. The message is ours for `holdSeconds`. */
  receive(holdSeconds: number): Promise<HeldMessage | null>;
  /** About how many there are, held ones included. */
  count(): Promise<number>;
  /** Keeps a text apart, for people to look at. */
  setAside(text: string): Promise<void>;
  /** Up to 32 of those set aside, without taking them. */
  listAside(): Promise<AsideMessage[]>;
  /** Forgets all that were set aside. */
  clearAside(): Promise<void>;
}
