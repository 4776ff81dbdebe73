import type { Switches } from '../service/switches.ts';
import type { Limits, Remaining } from './limits.ts';

const BURST = 'x-ms-ratelimit-burst-remaining-xrm-requests';
const TIME = 'x-ms-ratelimit-time-remaining-xrm-requests';

/**
 * What is left of the limits, as answers tell it: `5999`, and seconds as `1,199.46`. Where the switch wants them
 * wrong they say what was used instead of what is left: plenty when nothing is left, and nothing at the start.
 */
export function rateHeaders(
  remaining: Remaining,
  limits: Limits,
  mode: Switches['rateLimitHeaders'],
): Record<string, string> {
  if (mode === 'hidden') return {};
  const { requests, executionMs } =
    mode === 'honest'
      ? remaining
      : {
          requests: limits.requests - remaining.requests,
          executionMs: limits.executionMs - remaining.executionMs,
        };
  return { [BURST]: String(requests), [TIME]: seconds(executionMs) };
}

/** Two decimals and commas between thousands, without the cost of `toLocaleString` for every answer. */
function seconds(ms: number): string {
  const [whole = '', fraction = ''] = (ms / 1000).toFixed(2).split('.');
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${fraction}`;
}
