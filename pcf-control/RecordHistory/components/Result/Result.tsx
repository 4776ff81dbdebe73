import { Button, mergeClasses, ProgressBar } from '@fluentui/react-components';
import * as React from 'react';
import { isOutcomeUnknown } from '../../services/backup-client';
import { CheckIcon, ErrorIcon, UndoIcon, WarningIcon } from '../icons';
import { useSurroundings } from '../surroundings';
import type { RestoreState } from '../Version/useRestore';
import { countsText, outcomeLines } from './outcome';
import { OutcomeList } from './OutcomeList';
import { useResultStyles } from './Result.styles';
import { useResultSentence } from './useResultSentence';

export type ResultProps = { state: RestoreState; undo: (restoreId: string) => void; close: () => void };

/** What became of a restore or its undo. Takes the focus, because the button that led here is gone. */
export const Result: React.FC<ResultProps> = ({ state, undo, close }) => {
  if (state.kind === 'failed') return <Failure state={state} close={close} />;
  if (state.kind === 'running') return <Running what={state.what} />;
  if (state.kind !== 'finished') return null;
  return <Finished key={state.restore.plan.id} {...{ state, undo, close }} />;
};

type FinishedProps = Omit<ResultProps, 'state'> & { state: Extract<RestoreState, { kind: 'finished' }> };

const Finished: React.FC<FinishedProps> = ({ state, undo, close }) => {
  const styles = useResultStyles();
  const { text, refreshForm } = useSurroundings();
  const { result } = state.restore;
  const lines = outcomeLines(state.restore);
  const isClean = lines.every(({ kind }) => kind === 'restored');
  // What did not come back is shown at once; a clean result stays one line until somebody asks.
  const [isOpen, setOpen] = React.useState(!isClean);
  const hasFailed = result === null || state.restore.status === 'failed' || result.counts.failed > 0;
  return (
    <div className={styles.root}>
      <div className={styles.top}>
        <span
          className={mergeClasses(styles.icon, hasFailed ? styles.bad : isClean ? styles.good : styles.warn)}
        >
          {hasFailed ? <ErrorIcon /> : isClean ? <CheckIcon /> : <WarningIcon />}
        </span>
        <Sentence state={state} detail={isClean ? text.say('Result_Others') : countsText(text, lines)} />
        <div className={styles.actions}>
          {lines.length > 0 && (
            <Button appearance="transparent" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
              {text.say(isOpen ? 'Details_Hide' : 'Details_Show')}
            </Button>
          )}
          {refreshForm !== null && (
            <Button appearance="transparent" onClick={refreshForm}>
              {text.say('RefreshForm')}
            </Button>
          )}
          {result?.undoOffered === true && (
            <Button icon={<UndoIcon />} onClick={() => undo(result.id)}>
              {text.say('Undo')}
            </Button>
          )}
          {result?.undoOffered !== true && (
            <Button appearance="transparent" onClick={close}>
              {text.say('Close')}
            </Button>
          )}
        </div>
      </div>
      {isOpen && <OutcomeList lines={lines} />}
    </div>
  );
};

/** The button that led here is gone or asleep: a keyboard goes on from what came of it. */
function useFocusOnce(): React.RefObject<HTMLDivElement> {
  const place = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => place.current?.focus(), []);
  return place;
}

const Sentence: React.FC<{ state: RestoreState; detail: string }> = ({ state, detail }) => {
  const styles = useResultStyles();
  const sentence = useResultSentence(state);
  const place = useFocusOnce();
  return (
    <div ref={place} tabIndex={-1} className={styles.sentence}>
      {sentence} <span className={styles.quiet}>{detail}</span>
    </div>
  );
};

type FailureProps = { state: Extract<RestoreState, { kind: 'failed' }>; close: () => void };

const Failure: React.FC<FailureProps> = ({ state, close }) => {
  const styles = useResultStyles();
  const { text } = useSurroundings();
  const { what, problem } = state;
  const isUnknown = what !== 'plan' && isOutcomeUnknown(problem.code);
  const hint = isUnknown ? text.say('Unknown_Hint') : problem.hint;
  return (
    <div className={styles.root} role="alert">
      <div className={styles.top}>
        <span className={mergeClasses(styles.icon, isUnknown ? styles.warn : styles.bad)}>
          {isUnknown ? <WarningIcon /> : <ErrorIcon />}
        </span>
        <Sentence state={state} detail={`${problem.message} ${hint}`} />
        <div className={styles.actions}>
          <Button appearance="transparent" onClick={close}>
            {text.say('Close')}
          </Button>
        </div>
      </div>
    </div>
  );
};

const Running: React.FC<{ what: 'restore' | 'undo' }> = ({ what }) => {
  const styles = useResultStyles();
  const { text } = useSurroundings();
  const label = text.say(what === 'undo' ? 'Running_Undo' : 'Running');
  const place = useFocusOnce();
  return (
    <div className={mergeClasses(styles.root, styles.running)}>
      <span ref={place} tabIndex={-1} className={styles.sentence}>
        {label} <span className={styles.quiet}>{text.say('Running_Hint')}</span>
      </span>
      <ProgressBar aria-label={label} />
    </div>
  );
};
