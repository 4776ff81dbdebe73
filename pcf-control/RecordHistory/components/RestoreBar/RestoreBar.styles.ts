import { makeStyles, shorthands, tokens } from '@fluentui/react-components';

export const useRestoreBarStyles = makeStyles({
  // In reach however long the comparison is: a deleted record shows every column it had.
  root: {
    position: 'sticky',
    bottom: 0,
    zIndex: 1,
    // Zoomed far in, it would cover what it is about.
    '@media (max-height: 480px)': { position: 'static' },
    backgroundColor: tokens.colorNeutralBackground1,
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    columnGap: '12px',
    rowGap: '12px',
    minHeight: '56px',
    boxSizing: 'border-box',
    ...shorthands.padding('12px', '16px'),
    ...shorthands.borderTop(tokens.strokeWidthThin, 'solid', tokens.colorNeutralStroke2),
  },
  sentence: { flexGrow: 1, flexBasis: '240px', minWidth: 0 },
  count: { fontWeight: tokens.fontWeightSemibold },
  actions: { display: 'flex', flexWrap: 'wrap', columnGap: '12px', rowGap: '8px', marginInlineStart: 'auto' },
  quiet: { color: tokens.colorNeutralForeground2 },
  hint: {
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
    color: tokens.colorNeutralForeground2,
  },
  danger: { color: tokens.colorPaletteRedForeground1 },
});
