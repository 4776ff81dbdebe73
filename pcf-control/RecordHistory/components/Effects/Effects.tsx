import { mergeClasses } from '@fluentui/react-components';
import * as React from 'react';
import type { PlannedRow, Problem, RestorePlan } from '../../services/contract';
import { rowOf } from '../../services/difference';
import { FileIcon, WarningIcon } from '../icons';
import { useSurroundings } from '../surroundings';
import { shownInWords } from '../words';
import { useEffectsStyles } from './Effects.styles';
import { actionKey, fileSize } from './effects';

/** A plan as a person reads it: what is written, what comes with it, what needs attention. */
export const Effects: React.FC<{ plan: RestorePlan }> = ({ plan }) => {
  const styles = useEffectsStyles();
  const { text } = useSurroundings();
  const own = rowOf(plan);
  const others = plan.rows.filter((row) => row.action !== 'none' && (row !== own || row.action !== 'update'));
  const files = plan.rows.flatMap((row) =>
    row.files.map((file) => ({ ...file, key: `${row.id} ${file.column}` })),
  );
  const columns =
    own?.action === 'update' ? own.columns.filter(({ decision }) => decision === 'restore') : [];
  const isNothing = others.length + files.length + columns.length + plan.problems.length === 0;
  return (
    <div className={styles.root}>
      {isNothing && <span>{text.say('Effects_Nothing')}</span>}
      <Section title={text.say('Effects_Problems')}>
        {plan.problems.map((problem, at) => (
          <ProblemItem key={at} problem={problem} />
        ))}
      </Section>
      <Section title={text.say('Effects_Columns')}>
        {columns.map((column) => (
          <ColumnItem key={column.name} column={column} />
        ))}
      </Section>
      <Section title={text.say('Effects_Rows')}>
        {others.map((row) => (
          <RowItem key={`${row.table} ${row.id} ${row.action}`} row={row} />
        ))}
      </Section>
      <Section title={text.say('Effects_Files')}>
        {files.map((file) => (
          <li key={file.key} className={styles.line}>
            <FileIcon />
            <span>{file.name ?? file.column}</span>
            {file.bytes !== null && <span className={styles.quiet}>{fileSize(text, file.bytes)}</span>}
          </li>
        ))}
      </Section>
      <Section title={text.say('Effects_SideEffects')}>
        {plan.sideEffects.map((effect) => (
          <li key={effect}>{effect}</li>
        ))}
      </Section>
      {!isNothing && plan.sideEffects.length === 0 && (
        <span className={styles.quiet}>{text.say('Effects_None')}</span>
      )}
    </div>
  );
};

const Section: React.FC<{ title: string; children: React.ReactNode[] }> = ({ title, children }) => {
  const styles = useEffectsStyles();
  if (children.length === 0) return null;
  return (
    <div>
      <h3 className={styles.heading}>{title}</h3>
      <ul className={styles.list}>{children}</ul>
    </div>
  );
};

const ColumnItem: React.FC<{ column: PlannedRow['columns'][number] }> = ({ column }) => {
  const styles = useEffectsStyles();
  const surroundings = useSurroundings();
  return (
    <li className={styles.column}>
      <span className={styles.strong}>{column.label}</span>
      <span>
        {shownInWords(surroundings, column.wanted, 'NotCaptured')}{' '}
        <span className={mergeClasses(styles.quiet, styles.now)}>
          {surroundings.text.say('Effects_Now', shownInWords(surroundings, column.now, 'NotShown'))}
        </span>
      </span>
    </li>
  );
};

const RowItem: React.FC<{ row: PlannedRow }> = ({ row }) => {
  const styles = useEffectsStyles();
  const { text } = useSurroundings();
  const action = actionKey(row.action);
  return (
    <li className={styles.line}>
      <span className={styles.strong}>{row.name ?? row.id}</span>
      <span className={styles.quiet}>{row.tableLabel}</span>
      {action !== null && <span>{text.say(action)}</span>}
      {row.why !== null && <span className={styles.quiet}>{row.why}</span>}
    </li>
  );
};

const ProblemItem: React.FC<{ problem: Problem }> = ({ problem }) => {
  const styles = useEffectsStyles();
  const { text } = useSurroundings();
  return (
    <li className={styles.problem}>
      <span className={styles.problemIcon}>
        <WarningIcon />
      </span>
      <div>
        {problem.message}
        <ul className={styles.ways}>
          {problem.waysOut.map((way, at) => (
            <li key={way} className={styles.quiet}>
              {text.say(at === 0 ? 'Effects_First' : 'Effects_Other', way)}
            </li>
          ))}
        </ul>
      </div>
    </li>
  );
};
