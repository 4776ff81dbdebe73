import type { Checks } from './checks.ts';
import type { Announcement } from './simulator-process.ts';
import type { WebApi } from './web-api.ts';

/** What every part of the conformance run works with. */
export interface Bench {
  readonly checks: Checks;
  readonly simulator: Announcement;
  /** Bearer token of the service account. */
  readonly token: string;
  readonly api: WebApi;
}
