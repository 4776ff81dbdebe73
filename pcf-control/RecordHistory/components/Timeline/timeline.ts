import type { VersionSummary } from '../../services/contract';
import type { Dates } from '../../services/dates';
import { versionInstant } from '../words';

export type TimelineDay = { day: string; versions: VersionSummary[] };

/** Versions under the day on which their values came to be; newest first, as they come. */
export function byDay(versions: readonly VersionSummary[], dates: Dates): TimelineDay[] {
  const days: TimelineDay[] = [];
  for (const version of versions) {
    const day = dates.day(versionInstant(version));
    const last = days[days.length - 1];
    if (last?.day === day) last.versions.push(version);
    else days.push({ day, versions: [version] });
  }
  return days;
}
