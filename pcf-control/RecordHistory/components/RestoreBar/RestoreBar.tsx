import { Button, Spinner } from '@fluentui/react-components';
import * as React from 'react';
import { useSurroundings } from '../surroundings';
import type { Purpose, RestoreState } from '../Version/useRestore';
import type { Selection } from '../Version/useVersions';
import { useRestoreBarStyles } from './RestoreBar.styles';

export type RestoreBarProps = {
  selection: Selection;
  restore: RestoreState;
  open: (purpose: Purpose) => void;
};

/** Says what would be put back, and is the way there. */
export const RestoreBar: React.FC<RestoreBarProps> = ({ selection, restore, open }) => {
  const styles = useRestoreBarStyles();
  const { text, isReadOnly } = useSurroundings();
  if (isReadOnly)
    return <div className={styles.root}>{<span className={styles.quiet}>{text.say('ReadOnly')}</span>}</div>;
  const { planned } = selection;
  if (planned.kind === 'pending') {
    return (
      <div className={styles.root}>
        <Spinner size="tiny" label={text.say('Planning')} />
      </div>
    );
  }
  if (planned.kind === 'failed') {
    return (
      <div className={styles.root} role="alert">
        <span className={styles.sentence}>
          <span className={styles.danger}>{planned.problem.message}</span>{' '}
          <span className={styles.hint}>{planned.problem.hint}</span>
        </span>
      </div>
    );
  }
  return (
    <div className={styles.root}>
      <Sentence selection={selection} />
      <Actions selection={selection} isBusy={restore.kind === 'running'} open={open} />
    </div>
  );
};

const Sentence: React.FC<{ selection: Selection }> = ({ selection }) => {
  const styles = useRestoreBarStyles();
  const { text } = useSurroundings();
  const { what, ticked, differingCount, moment } = selection;
  if (what === 'record') return <span className={styles.sentence}>{text.say('Summary_Record', moment)}</span>;
  return (
    <span className={styles.sentence}>
      <span className={styles.count}>{text.say('Summary_Count', ticked.length, differingCount)}</span>{' '}
      {text.say('Summary', moment)}
    </span>
  );
};

const Actions: React.FC<Omit<RestoreBarProps, 'restore'> & { isBusy: boolean }> = ({
  selection,
  isBusy,
  open,
}) => {
  const styles = useRestoreBarStyles();
  const label = useRestoreLabel(selection);
  const { text } = useSurroundings();
  const isNothing = isBusy || (selection.what === 'columns' && selection.ticked.length === 0);
  return (
    <div className={styles.actions}>
      <Button disabled={isNothing} onClick={() => open('preview')}>
        {text.say('Preview')}
      </Button>
      <Button appearance="primary" disabled={isNothing} onClick={() => open('confirm')}>
        {label}
      </Button>
    </div>
  );
};

/** "Restore 3 columns": the same words on the bar and in the dialog. */
export function useRestoreLabel({ what, ticked }: Selection): string {
  const { text } = useSurroundings();
  if (what === 'record') return text.say('Restore_Record');
  return ticked.length === 0 ? text.say('Restore_None') : text.count('Restore', ticked.length);
}
