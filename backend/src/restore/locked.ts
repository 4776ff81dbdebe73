import { columnOf, type TableDetails } from '../dataverse/index.ts';
import type { StatePair } from './plan.ts';

/**
 * Tables whose rows refuse writes in these states, also through the API: they are opened first and closed again last.
 * Microsoft Learn, "Privacy notice for Dynamics 365 Sales": quotes, orders and invoices are read-only once closed.
 */
const locked: Readonly<Record<string, { readonly states: readonly number[]; readonly open: StatePair }>> = {
  quote: { states: [1, 2, 3], open: { state: 0, status: 1 } },
  salesorder: { states: [1, 2, 3, 4], open: { state: 0, status: 1 } },
  invoice: { states: [1, 2, 3], open: { state: 0, status: 1 } },
};

/** The state to open a locked row to; null: it is not locked. */
export function openingState(table: string, state: number): StatePair | null {
  const rule = locked[table];
  return rule?.states.includes(state) === true ? rule.open : null;
}

/** The state that a row of this table is born in. */
export function birthState(details: TableDetails): StatePair | null {
  const first = columnOf(details, 'statecode')?.options?.find((option) => option.value === 0);
  return first?.defaultStatus === undefined ? null : { state: 0, status: first.defaultStatus };
}

/** A status that would make the platform act: an e-mail that is pending would be sent. */
export function actingStatus(table: string, status: number): string | null {
  const sends = table === 'email' && (status === 6 || status === 7);
  return sends ? 'In this status the platform would send the mail.' : null;
}
