import type { Allowance, Use } from '../../dataverse/index.ts';
import type { Member } from './mark.ts';

/** A slot is good for so long after it was renewed. Clocks of processes may differ by the time until its places are free. */
export const validMs = 40_000;
/** Of a process that says nothing any more: its places are free after so long … */
const silentMs = 70_000;
/** … and what it may have used is over so much later, as is what one has used that said goodbye. */
const windowMs = 300_000;

/** Of the share: what is left for whoever comes next, … */
const keptPart = 0.05;
/** … and of the places. */
const keptPlaces = 1;
/** More than is used: what a process may take on between two times that it asks, in parts of the share. */
export const steps = { least: 0.02, most: 0.2 };
/** Likewise in places. */
const stepPlaces = 4;

/** What all processes together may use of one user's limits. */
export interface Whole {
  /** Above 0, up to 1. */
  readonly share: number;
  /** Requests at once that the service takes. */
  readonly atOnce: number;
}

export interface Asking {
  readonly id: string;
  readonly use: Pick<Use, 'part' | 'places'>;
  /** Part of the share. */
  readonly step: number;
}

export interface Divided {
  readonly members: readonly Member[];
  readonly allowance: Allowance;
}

/**
 * One process asks anew. It gets what it uses and a step more, up to its fair part, and only what no other holds: nobody
 * can take from another what that may have used already. A fair part is the same for all who want as much; what others
 * do not want is divided among the rest. Alone it gets what it asks for at once, with greatest steps.
 */
export function divide(
  members: readonly Member[],
  asking: Asking,
  nowMs: number,
  { share, atOnce }: Whole,
): Divided {
  const { id, use } = asking;
  const others = members.filter((member) => member.id !== id && counts(member, nowMs));
  const live = others.filter((member) => isLive(member, nowMs));
  const mine = members.find((member) => member.id === id && isLive(member, nowMs));
  const step = live.length === 0 ? steps.most : asking.step;
  const wants = use.part + step * share;

  const usual = share * (1 - keptPart);
  const held = sum(others, ({ part }) => part);
  const gone = held - sum(live, ({ part }) => part);
  const level = fairLevel(
    usual - gone,
    live.map((member) => member.wants),
  );
  const free = Math.max(usual - held, Math.min(share - held, mine?.part ?? share));
  const most = Math.max(level, share * keptPart);
  const part = Math.max(use.part, Math.min(wants, most, free), 0);

  const allPlaces = Math.max(Math.floor(atOnce * share), live.length + 1 + keptPlaces);
  const usualPlaces = allPlaces - keptPlaces;
  const wantsPlaces = live.length === 0 ? usualPlaces : use.places + stepPlaces;
  const levelPlaces = fairLevel(
    usualPlaces,
    live.map((member) => member.wantsPlaces),
  );
  const freePlaces = (mine === undefined ? allPlaces : usualPlaces) - sum(live, ({ places }) => places);
  const places = Math.max(1, Math.min(wantsPlaces, Math.floor(levelPlaces), freePlaces));

  const beatAt = new Date(nowMs).toISOString();
  // Places that were in use are free for others only when they are seen to be empty.
  const taken = Math.max(places, use.places);
  const member: Member = { id, beatAt, part, wants, places: taken, wantsPlaces, left: false };
  return { members: [...others, member], allowance: { part, fair: Math.max(level, part), places } };
}

/** A process that ends: what it used counts for as long as the service counts it. */
export function leave(
  members: readonly Member[],
  id: string,
  part: number,
  nowMs: number,
): readonly Member[] {
  const others = members.filter((member) => member.id !== id && counts(member, nowMs));
  if (part === 0) return others;
  const beatAt = new Date(nowMs).toISOString();
  return [...others, { id, beatAt, part, wants: 0, places: 0, wantsPlaces: 0, left: true }];
}

function isLive({ left, beatAt }: Member, nowMs: number): boolean {
  return !left && nowMs - Date.parse(beatAt) < silentMs;
}

function counts({ left, beatAt }: Member, nowMs: number): boolean {
  return nowMs - Date.parse(beatAt) < (left ? 0 : silentMs) + windowMs;
}

/** How much everybody may have of `whole` when those who want less than that get what they want, and we want all. */
function fairLevel(whole: number, wants: readonly number[]): number {
  let left = Math.max(0, whole);
  let sharing = wants.length + 1;
  for (const want of wants.toSorted((one, other) => one - other)) {
    if (want >= left / sharing) break;
    left -= want;
    sharing -= 1;
  }
  return left / sharing;
}

function sum(members: readonly Member[], of: (member: Member) => number): number {
  return members.reduce((total, member) => total + of(member), 0);
}
