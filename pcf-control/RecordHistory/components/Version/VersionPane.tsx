import { Button, mergeClasses, Skeleton, SkeletonItem } from '@fluentui/react-components';
import * as React from 'react';
import type { RecordHistory } from '../../services/contract';
import { Difference } from '../Difference/Difference';
import { CheckIcon, ErrorIcon, RecordIcon } from '../icons';
import { Notice } from '../Notice/Notice';
import { useSurroundings } from '../surroundings';
import type { VersionsState } from './useVersions';
import { useVersionsStyles } from './Versions.styles';

export type VersionPaneProps = { versions: VersionsState; history: RecordHistory };

/** Right of the timeline, or below it: the chosen version. Where it is below, choosing brings it into view. */
export const VersionPane: React.FC<VersionPaneProps> = ({ versions, history }) => {
  const styles = useVersionsStyles();
  const { layout } = useSurroundings();
  const pane = React.useRef<HTMLDivElement>(null);
  const { chosen } = versions;
  // Buttons in the pane go when they are pressed: the focus stays in the pane.
  const choose = (version: string) => {
    pane.current?.focus();
    versions.choose(version);
  };
  React.useEffect(() => {
    if (chosen !== null && layout !== 'wide')
      pane.current?.scrollIntoView?.({ block: 'nearest', behavior: 'smooth' });
  }, [chosen, layout]);
  return (
    <div
      ref={pane}
      tabIndex={-1}
      className={mergeClasses(styles.difference, layout !== 'wide' && styles.differenceStacked)}
    >
      <Content versions={{ ...versions, choose }} history={history} />
    </div>
  );
};

const Content: React.FC<VersionPaneProps> = ({ versions, history }) => {
  const styles = useVersionsStyles();
  const { text } = useSurroundings();
  const { state } = versions;
  switch (state.kind) {
    case 'none':
      return (
        <div className={styles.prompt}>{text.say(history.live === null ? 'Choose_Deleted' : 'Choose')}</div>
      );
    case 'tombstone':
      return <Tombstone versions={versions} history={history} />;
    case 'loading':
      return <LoadingDifference />;
    case 'failed':
      return (
        <Notice
          icon={<ErrorIcon />}
          tone="danger"
          title={text.say('Failed_Title')}
          body={state.problem.message}
          detail={state.problem.hint}
        >
          <Button onClick={() => versions.choose(state.version)}>{text.say('Retry')}</Button>
        </Notice>
      );
    case 'ready':
      return (
        <Compared
          versions={versions}
          isGone={state.comparison.to.kind === 'deleted'}
          isCurrent={state.isCurrent}
        />
      );
  }
};

type ComparedProps = { versions: VersionsState; isGone: boolean; isCurrent: boolean };

const Compared: React.FC<ComparedProps> = ({ versions, isGone, isCurrent }) => {
  const { text, isReadOnly } = useSurroundings();
  const { columns, changedOnly, moment, tick } = versions;
  // What the backup does not hold says nothing about a change, yet must not look as if it were equal.
  const shown = columns.filter(({ differs, change }) => !changedOnly || differs || change === 'not-captured');
  const visible =
    isGone && changedOnly ? columns.filter(({ then }) => then.captured && then.text !== '') : shown;
  if (!isGone && !columns.some(({ differs }) => differs) && changedOnly) {
    // After an undo this would be the opposite of the truth until it is read again.
    if (!isCurrent) return <LoadingDifference />;
    return (
      <Notice
        icon={<CheckIcon />}
        title={text.say('NoDifference_Title')}
        body={text.say('NoDifference_Body')}
      />
    );
  }
  return <Difference {...{ columns: visible, moment, isGone, tick }} hasTicks={!isReadOnly && !isGone} />;
};

const Tombstone: React.FC<VersionPaneProps> = ({ versions, history }) => {
  const { text } = useSurroundings();
  const index = history.versions.findIndex(({ version }) => version === versions.chosen);
  const before = history.versions[index + 1];
  return (
    <Notice icon={<RecordIcon />} title={text.say('Tombstone_Title')} body={text.say('Tombstone_Body')}>
      {before !== undefined && (
        <Button onClick={() => versions.choose(before.version)}>{text.say('Tombstone_Action')}</Button>
      )}
    </Notice>
  );
};

const widths = ['88%', '72%', '80%', '64%'];

const LoadingDifference: React.FC = () => {
  const styles = useVersionsStyles();
  const { text } = useSurroundings();
  return (
    <Skeleton className={styles.busy} aria-label={text.say('Loading_Version')}>
      {widths.map((width) => (
        <SkeletonItem key={width} size={16} style={{ width }} />
      ))}
    </Skeleton>
  );
};
