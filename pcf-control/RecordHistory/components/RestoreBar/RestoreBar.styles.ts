import { makeStyles, shorthands, tokens } from '@fluentui/react-components';

export const useRestoreBarStyles = makeStyles({
  root: {
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
  actions: { display: 'flex', flexWrap: 'wrap', columnGap: '8px', rowGap: '8px', marginInlineStart: 'auto' },
  quiet: { color: tokens.colorNeutralForeground2 },
  hint: {
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
    color: tokens.colorNeutralForeground2,
  },
  danger: { color: tokens.colorPaletteRedForeground1 },
});
