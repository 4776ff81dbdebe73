import { Button, mergeClasses, Spinner, Switch, Tooltip } from '@fluentui/react-components';
import * as React from 'react';
import type { RecordHistory } from '../../services/contract';
import { useHistoryStyles } from '../History/History.styles';
import type { HistoryState } from '../History/useHistory';
import { RefreshIcon } from '../icons';
import { RestoreBar } from '../RestoreBar/RestoreBar';
import { RestoreDialog } from '../RestoreDialog/RestoreDialog';
import { Result } from '../Result/Result';
import { useSurroundings } from '../surroundings';
import { Timeline } from '../Timeline/Timeline';
import { useVersions } from './useVersions';
import { useVersionsStyles } from './Versions.styles';
import { VersionPane } from './VersionPane';

export type VersionsProps = { ready: Extract<HistoryState, { kind: 'ready' }>; reload: () => void };

/** The record's versions, the chosen one beside the live row, and what can be done about it. */
export const Versions: React.FC<VersionsProps> = ({ ready, reload }) => {
  const frame = useHistoryStyles();
  const styles = useVersionsStyles();
  const { layout } = useSurroundings();
  const { history, isRefreshing, problem } = ready;
  const versions = useVersions(history, reload);
  const { chosen, changedOnly, setChangedOnly, restore, selection } = versions;
  const isStacked = layout !== 'wide';
  return (
    <>
      <div className={frame.panel}>
        <Bar {...{ history, isRefreshing, changedOnly, setChangedOnly, refresh: versions.refresh }} />
        {problem !== null && (
          <div className={styles.problem} role="alert">
            {problem.message} {problem.hint}
          </div>
        )}
        <div className={mergeClasses(styles.panes, isStacked && styles.panesStacked)}>
          <div
            className={
              isStacked ? styles.timelineStacked : mergeClasses(styles.timeline, styles.timelineScroll)
            }
          >
            <Timeline history={history} chosen={chosen} choose={versions.choose} />
          </div>
          <VersionPane versions={versions} history={history} />
        </div>
        {selection !== null && (
          <RestoreBar selection={selection} restore={restore.state} open={versions.open} />
        )}
      </div>
      <Result state={restore.state} undo={(id) => restore.write('undo', id)} close={restore.close} />
      {selection !== null && (
        <RestoreDialog selection={selection} restore={restore} open={versions.open} name={history.name} />
      )}
      <div className={frame.hidden} role="status" aria-live="polite">
        {versions.announcement}
      </div>
    </>
  );
};

type BarProps = {
  history: RecordHistory;
  isRefreshing: boolean;
  changedOnly: boolean;
  setChangedOnly: (changedOnly: boolean) => void;
  refresh: () => void;
};

const Bar: React.FC<BarProps> = ({ history, isRefreshing, changedOnly, setChangedOnly, refresh }) => {
  const styles = useVersionsStyles();
  const { text, dates, layout } = useSurroundings();
  const isNarrow = layout === 'narrow';
  return (
    <div className={mergeClasses(styles.bar, isNarrow && styles.barWrapped)}>
      <h2 className={styles.title}>{text.say('Title')}</h2>
      <span className={styles.note}>
        {text.say('LastBackup', dates.ago(history.lastBackupAt))} ·{' '}
        {text.count('Versions', history.versionCount)}
      </span>
      <span className={styles.grow} />
      {history.live !== null && (
        <Switch
          className={isNarrow ? styles.switchNarrow : undefined}
          label={{ className: styles.switchLabel, children: text.say('ChangedOnly') }}
          labelPosition={isNarrow ? 'after' : 'before'}
          checked={changedOnly}
          onChange={(_event, { checked }) => setChangedOnly(checked)}
        />
      )}
      <Tooltip content={text.say('Refresh')} relationship="label">
        <Button
          className={styles.end}
          appearance="subtle"
          disabled={isRefreshing}
          icon={isRefreshing ? <Spinner size="tiny" /> : <RefreshIcon />}
          onClick={refresh}
        />
      </Tooltip>
    </div>
  );
};
