import { Badge, Button, mergeClasses, useArrowNavigationGroup } from '@fluentui/react-components';
import * as React from 'react';
import type { RecordHistory, VersionSummary } from '../../services/contract';
import { useSurroundings } from '../surroundings';
import { personName, versionInstant, versionPill } from '../words';
import { byDay } from './timeline';
import { useTimelineStyles } from './Timeline.styles';

const shownMore = 50;
/** Where the comparison lies below, a long list would push it off the screen. */
const firstShown = { wide: 20, stacked: 5, narrow: 5 };

export type TimelineProps = {
  history: RecordHistory;
  chosen: string | null;
  choose: (version: string) => void;
};

/** The record as it is now, and below it every version that the backup holds, by day. */
export const Timeline: React.FC<TimelineProps> = ({ history, chosen, choose }) => {
  const styles = useTimelineStyles();
  const { text, dates, layout } = useSurroundings();
  const arrows = useArrowNavigationGroup({ axis: 'vertical', memorizeCurrent: true });
  const [shown, setShown] = React.useState(firstShown[layout]);
  const hasMore = history.versions.length > shown;
  return (
    <nav className={styles.root} aria-label={text.say('Timeline')}>
      <h3 className={styles.day}>{text.say('Now')}</h3>
      <LiveEntry live={history.live} />
      <div {...arrows}>
        {byDay(history.versions.slice(0, shown), dates).map(({ day, versions }) => (
          <React.Fragment key={versions[0]?.version}>
            <h3 className={styles.day}>{day}</h3>
            <ul className={styles.list}>
              {versions.map((version) => (
                <li key={version.version}>
                  <VersionEntry version={version} isChosen={version.version === chosen} choose={choose} />
                </li>
              ))}
            </ul>
          </React.Fragment>
        ))}
      </div>
      {hasMore && (
        <Button
          className={styles.more}
          appearance="transparent"
          size="small"
          onClick={() => setShown(shown + shownMore)}
        >
          {text.say('Earlier')}
        </Button>
      )}
    </nav>
  );
};

const LiveEntry: React.FC<{ live: RecordHistory['live'] }> = ({ live }) => {
  const styles = useTimelineStyles();
  const surroundings = useSurroundings();
  return (
    <div className={styles.entry}>
      <span className={mergeClasses(styles.dot, live === null ? styles.dotGone : styles.dotLive)} />
      <span>
        <span className={styles.name}>{surroundings.text.say(live === null ? 'Live_Deleted' : 'Live')}</span>
        <span className={styles.who}>{useLiveDetail(live)}</span>
      </span>
    </div>
  );
};

function useLiveDetail(live: RecordHistory['live']): string {
  const surroundings = useSurroundings();
  const { text, dates, userId } = surroundings;
  if (live === null) return text.say('Live_Deleted_Detail');
  if (live.modifiedOn === null) return '';
  const isToday = dates.day(live.modifiedOn) === text.say('Today');
  const when = isToday ? dates.time(live.modifiedOn) : dates.moment(live.modifiedOn);
  if (live.modifiedBy?.id.toLowerCase() === userId) return text.say('Live_SavedByYou', when);
  return text.say('Live_SavedBy', personName(surroundings, live.modifiedBy), when);
}

type VersionEntryProps = { version: VersionSummary; isChosen: boolean; choose: (version: string) => void };

const VersionEntry: React.FC<VersionEntryProps> = ({ version, isChosen, choose }) => {
  const styles = useTimelineStyles();
  const surroundings = useSurroundings();
  const { text, dates } = surroundings;
  const isGone = version.kind === 'deleted';
  return (
    <button
      type="button"
      className={mergeClasses(styles.entry, styles.choosable, isChosen && styles.chosen)}
      aria-current={isChosen ? 'true' : undefined}
      title={text.say('Captured', dates.moment(version.capturedAt))}
      onClick={() => choose(version.version)}
    >
      <span className={mergeClasses(styles.dot, isGone && styles.dotGone, isChosen && styles.dotChosen)} />
      <span>
        <span className={styles.name}>{dates.time(versionInstant(version))}</span>
        {version.modifiedBy !== null && (
          <span className={styles.who}>{personName(surroundings, version.modifiedBy)}</span>
        )}
      </span>
      <Badge
        className={mergeClasses(styles.pill, !isGone && styles.pillQuiet)}
        appearance="tint"
        shape="circular"
        color={isGone ? 'danger' : 'informative'}
      >
        {versionPill(surroundings, version)}
      </Badge>
    </button>
  );
};
