/** Randomness as a port, so that a run can be repeated from a seed. */
export interface Random {
  /** A version-4 UUID, lower case. */
  uuid(): string;
  /** A number in [0, 1). */
  fraction(): number;
}
