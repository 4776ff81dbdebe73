/** What one process may use while others use the same users. Parts are of what the service takes of one user. */
export interface Allowance {
  /** No window of 300 seconds may hold more requests, or seconds of execution, than this part of the limit. */
  readonly part: number;
  /** What the part can become by asking for more, as far as is known: what requests are spread for. */
  readonly fair: number;
  /** Requests at once. */
  readonly places: number;
}

/** What a limiter tells whoever divides. */
export interface Use {
  /** Of the limit that is nearer, within the window, with what is under way. */
  readonly part: number;
  /** The most requests that were under way at once since this was asked last. */
  readonly places: number;
  /** Sent since this was asked last, retries included. */
  readonly requests: number;
}

/** The right of one process to send, for a while and of a certain size, where several processes share one budget. */
export interface Slot {
  /** Null: none, or one whose time is over; nothing may be sent then. */
  readonly allowance: Allowance | null;
  /** So many requests were sent within 24 hours that those in the background have to wait. */
  readonly isDayOver: boolean;
  /** Every limiter under this slot says here what it uses; it is asked whenever the slot is renewed. */
  attend(use: () => Use): void;
  /**
   * Asks for a slot, or for a larger one, and resolves when that was answered; whoever asked looks again then. Rejects
   * with the signal's reason, and with what keeps it from asking while there is no slot.
   */
  more(signal?: AbortSignal): Promise<void>;
}
