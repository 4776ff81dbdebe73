import { mergeClasses, useId } from '@fluentui/react-components';
import * as React from 'react';
import type { DifferenceColumn } from '../../services/difference';
import { useSurroundings } from '../surroundings';
import { capital } from '../words';
import { useDifferenceStyles } from './Difference.styles';
import { TickBox, useWhy, Value } from './parts';

export type DifferenceProps = {
  columns: readonly DifferenceColumn[];
  /** When the chosen version was: fits into a sentence. */
  moment: string;
  /** Whether there are ticks at all: not on a read-only form, and not for a record that comes back whole. */
  hasTicks: boolean;
  isGone: boolean;
  tick: (column: string, ticked: boolean) => void;
};

/** The chosen version beside the record as it is now: a table where there is room, else a list. */
export const Difference: React.FC<DifferenceProps> = (props) => {
  const { layout } = useSurroundings();
  return layout === 'narrow' ? <DifferenceList {...props} /> : <DifferenceTable {...props} />;
};

const DifferenceTable: React.FC<DifferenceProps> = ({ columns, moment, hasTicks, isGone, tick }) => {
  const styles = useDifferenceStyles();
  const { text } = useSurroundings();
  return (
    <table className={styles.table} aria-label={text.say('Difference', moment)}>
      <thead>
        <tr>
          <th scope="col" className={hasTicks ? styles.tickCell : styles.narrowGap}>
            <span className={styles.hidden}>{text.say('Put_Back')}</span>
          </th>
          <th scope="col" className={mergeClasses(styles.head, styles.labelColumn)}>
            {text.say('Column')}
          </th>
          <th scope="col" className={styles.head}>
            {capital(moment)}
          </th>
          {!isGone && (
            <th scope="col" className={styles.head}>
              {text.say('Now')}
            </th>
          )}
        </tr>
      </thead>
      {columns.map((column) => (
        <TableGroup key={column.name} {...{ column, hasTicks, isGone, tick }} />
      ))}
    </table>
  );
};

type RowProps = Pick<DifferenceProps, 'hasTicks' | 'isGone' | 'tick'> & { column: DifferenceColumn };

/** One column: its values, and below them the reason where there is one. */
const TableGroup: React.FC<RowProps> = ({ column, hasTicks, isGone, tick }) => {
  const styles = useDifferenceStyles();
  const whyId = useId('why');
  const why = useWhy(column, hasTicks);
  const cell = mergeClasses(styles.cell, why !== null && styles.beforeWhy);
  return (
    <tbody className={styles.group}>
      <tr>
        <td rowSpan={why === null ? 1 : 2} className={hasTicks ? styles.tickCell : styles.narrowGap}>
          {hasTicks && <TickBox column={column} describedBy={why === null ? undefined : whyId} tick={tick} />}
        </td>
        <th scope="row" className={mergeClasses(cell, styles.label)}>
          {column.label}
        </th>
        <td className={cell}>
          <Value column={column} side="then" isGone={isGone} />
        </td>
        {!isGone && (
          <td className={cell}>
            <Value column={column} side="now" isGone={isGone} />
          </td>
        )}
      </tr>
      {why !== null && (
        <tr>
          <td
            id={whyId}
            colSpan={3}
            className={mergeClasses(styles.why, column.tick.kind === 'offered' && styles.whyKept)}
          >
            {why}
          </td>
        </tr>
      )}
    </tbody>
  );
};

const DifferenceList: React.FC<DifferenceProps> = ({ columns, moment, hasTicks, isGone, tick }) => {
  const styles = useDifferenceStyles();
  const { text } = useSurroundings();
  return (
    <ul className={styles.list} aria-label={text.say('Difference', moment)}>
      {columns.map((column) => (
        <ListItem key={column.name} {...{ column, hasTicks, isGone, tick }} />
      ))}
    </ul>
  );
};

const ListItem: React.FC<RowProps> = ({ column, hasTicks, isGone, tick }) => {
  const styles = useDifferenceStyles();
  const { text } = useSurroundings();
  const whyId = useId('why');
  const why = useWhy(column, hasTicks);
  return (
    <li className={mergeClasses(styles.item, !hasTicks && styles.itemPlain, styles.group, styles.listFirst)}>
      <div className={styles.itemTick}>
        {hasTicks && <TickBox column={column} describedBy={why === null ? undefined : whyId} tick={tick} />}
      </div>
      <div className={styles.itemText}>
        <div className={styles.label}>{column.label}</div>
        <Value column={column} side="then" isGone={isGone} prefix={text.say('Then')} />
        {!isGone && <Value column={column} side="now" isGone={isGone} prefix={text.say('Now')} />}
        {why !== null && (
          <div
            id={whyId}
            className={mergeClasses(styles.itemWhy, column.tick.kind === 'offered' && styles.whyKept)}
          >
            {why}
          </div>
        )}
      </div>
    </li>
  );
};
