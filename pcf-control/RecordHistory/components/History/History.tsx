import { Button, Skeleton, SkeletonItem } from '@fluentui/react-components';
import * as React from 'react';
import { ErrorIcon, HistoryIcon, LockIcon, OfflineIcon, RecordIcon } from '../icons';
import { Notice } from '../Notice/Notice';
import { useSurroundings } from '../surroundings';
import { Versions } from '../Version/Versions';
import { useVersionsStyles } from '../Version/Versions.styles';
import { useHistoryStyles } from './History.styles';
import { useHistory, type HistoryState } from './useHistory';

/** The backup history of one record. The shell gives it a key, so another record starts from nothing. */
export const History: React.FC = () => {
  const styles = useHistoryStyles();
  const { text } = useSurroundings();
  const { state, load } = useHistory();
  const section = React.useRef<HTMLElement>(null);
  // The button that is pressed goes with its screen: a keyboard goes on from here, not from the top of the form.
  const ask = () => {
    section.current?.focus();
    load();
  };
  return (
    <section
      ref={section}
      tabIndex={-1}
      className={styles.root}
      aria-label={text.say('Title')}
      aria-busy={state.kind === 'loading'}
    >
      {state.kind === 'ready' ? (
        <Versions ready={state} reload={load} />
      ) : (
        <div className={styles.panel}>
          <Screen state={state} load={ask} />
        </div>
      )}
    </section>
  );
};

type ScreenProps = { state: Exclude<HistoryState, { kind: 'ready' }>; load: () => void };

const Screen: React.FC<ScreenProps> = ({ state, load }) => {
  const { text, dates } = useSurroundings();
  const retry = <Button onClick={load}>{text.say('Retry')}</Button>;
  switch (state.kind) {
    case 'idle':
      return (
        <Notice
          icon={<HistoryIcon />}
          tone="brand"
          title={text.say('Idle_Title')}
          body={text.say('Idle_Body')}
        >
          <Button appearance="primary" onClick={load}>
            {text.say('Show_History')}
          </Button>
        </Notice>
      );
    case 'loading':
      return <LoadingTimeline />;
    case 'empty':
      return (
        <Notice
          icon={<RecordIcon />}
          title={text.say('Empty_Title')}
          body={text.say('Empty_Body')}
          detail={
            state.lastBackupAt === null ? undefined : text.say('LastBackup', dates.ago(state.lastBackupAt))
          }
        >
          {retry}
        </Notice>
      );
    case 'failed': {
      const { message, hint } = state.problem;
      return (
        <Notice
          icon={<ErrorIcon />}
          tone="danger"
          title={text.say('Failed_Title')}
          body={message}
          detail={hint}
        >
          {retry}
        </Notice>
      );
    }
    case 'no-permission': {
      const { message, hint } = state.problem;
      return (
        <Notice icon={<LockIcon />} title={text.say('NoPermission_Title')} body={message} detail={hint} />
      );
    }
    case 'offline':
      return (
        <Notice icon={<OfflineIcon />} title={text.say('Offline_Title')} body={text.say('Offline_Body')}>
          {retry}
        </Notice>
      );
  }
};

const widths = ['62%', '48%', '70%', '55%', '44%'];

const LoadingTimeline: React.FC = () => {
  const styles = useHistoryStyles();
  const bar = useVersionsStyles();
  const { text } = useSurroundings();
  return (
    <div>
      <div className={bar.bar}>
        <h2 className={bar.title}>{text.say('Title')}</h2>
        <span className={bar.note} role="status">
          {text.say('Loading')}
        </span>
      </div>
      <Skeleton className={styles.skeleton} aria-hidden="true">
        {widths.map((width) => (
          <div key={width} className={styles.skeletonRow}>
            <SkeletonItem shape="circle" size={12} />
            <SkeletonItem size={16} style={{ width }} />
            <SkeletonItem size={16} />
          </div>
        ))}
      </Skeleton>
    </div>
  );
};
