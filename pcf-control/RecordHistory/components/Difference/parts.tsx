import { Checkbox, mergeClasses } from '@fluentui/react-components';
import * as React from 'react';
import type { TextKey } from '../../services/english';
import type { DifferenceColumn } from '../../services/difference';
import { useSurroundings } from '../surroundings';
import { shownText } from '../words';
import { useDifferenceStyles } from './Difference.styles';

type TickBoxProps = {
  column: DifferenceColumn;
  describedBy: string | undefined;
  tick: (column: string, ticked: boolean) => void;
};

/** Absent where there is nothing to put back; disabled where it cannot be, with the reason beside it. */
export const TickBox: React.FC<TickBoxProps> = ({ column, describedBy, tick }) => {
  const { text } = useSurroundings();
  if (column.tick.kind === 'none') return null;
  const isOffered = column.tick.kind === 'offered';
  return (
    <Checkbox
      aria-label={text.say('Put_Back_Column', column.label)}
      aria-describedby={describedBy}
      disabled={!isOffered}
      checked={column.tick.kind === 'offered' && column.tick.ticked}
      onChange={(_event, { checked }) => tick(column.name, checked === true)}
    />
  );
};

/** Why a column is not ticked, and what the tick would mean; null where there is nothing to explain. */
export function useWhy({ tick, why }: DifferenceColumn, hasTicks: boolean): string | null {
  const { text } = useSurroundings();
  if (!hasTicks || why === null) return null;
  if (tick.kind !== 'offered' || !tick.kept) return why;
  return `${why} ${text.say(tick.ticked ? 'Kept_Ticked' : 'Kept_Hint')}`;
}

const changeText = {
  same: 'Change_Same',
  added: 'Change_Added',
  removed: 'Change_Removed',
  changed: 'Change_Changed',
  'not-captured': 'NotCaptured',
} as const satisfies Record<DifferenceColumn['change'], TextKey>;

type ValueProps = { column: DifferenceColumn; side: 'then' | 'now'; isGone: boolean; prefix?: string };

/** A value; the one that would be put back stands out, in words too for those who do not see the colour. */
export const Value: React.FC<ValueProps> = ({ column, side, isGone, prefix }) => {
  const styles = useDifferenceStyles();
  const surroundings = useSurroundings();
  const { text } = surroundings;
  const shown = column[side];
  const words = shownText(surroundings, shown, side === 'then' ? 'NotCaptured' : 'NotShown');
  const isKept = column.tick.kind === 'offered' && column.tick.kept && !column.tick.ticked;
  const isChip = side === 'then' && column.differs && shown.captured && !isKept && !isGone;
  const tone = isChip ? styles.chip : isGone && shown.captured ? undefined : styles.quiet;
  return (
    <div
      className={mergeClasses(styles.value, tone, !shown.captured && styles.missing)}
      title={words.length > 120 ? words : undefined}
    >
      {prefix !== undefined && `${prefix}: `}
      {words === '—' ? (
        <>
          <span aria-hidden="true">—</span>
          <span className={styles.hidden}>{text.say('Empty_Value')}</span>
        </>
      ) : (
        // A phone number reads from the left in every language.
        <bdi>{words}</bdi>
      )}
      {side === 'now' && shown.captured && (
        <span className={styles.hidden}>, {text.say(changeText[column.change])}</span>
      )}
    </div>
  );
};
