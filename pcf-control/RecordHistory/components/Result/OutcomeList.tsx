import { mergeClasses } from '@fluentui/react-components';
import * as React from 'react';
import { useSurroundings } from '../surroundings';
import { outcomeText, type OutcomeLine } from './outcome';
import { useResultStyles } from './Result.styles';

/** Each column, or row, with what became of it and why. */
export const OutcomeList: React.FC<{ lines: readonly OutcomeLine[] }> = ({ lines }) => {
  const styles = useResultStyles();
  const { text, layout } = useSurroundings();
  const tone = { restored: styles.good, kept: styles.warn, skipped: styles.warn, failed: styles.bad };
  return (
    <ul className={styles.list}>
      {lines.map(({ key, label, kind, why }) => (
        <li key={key} className={mergeClasses(styles.line, layout === 'narrow' && styles.lineNarrow)}>
          <span className={styles.label}>{label}</span>
          <span className={tone[kind]}>{text.say(outcomeText[kind])}</span>
          <span className={styles.quiet}>{why}</span>
        </li>
      ))}
    </ul>
  );
};
