import { makeStyles, shorthands, tokens } from '@fluentui/react-components';

export const useResultStyles = makeStyles({
  root: {
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorNeutralForeground1,
    ...shorthands.border(tokens.strokeWidthThin, 'solid', tokens.colorNeutralStroke2),
    ...shorthands.borderRadius(tokens.borderRadiusXLarge),
    ...shorthands.padding('8px', '8px', '8px', '16px'),
  },
  top: {
    display: 'flex',
    alignItems: 'center',
    flexWrap: 'wrap',
    columnGap: '10px',
    rowGap: '4px',
    minHeight: '32px',
  },
  running: {
    display: 'flex',
    flexDirection: 'column',
    rowGap: '8px',
    ...shorthands.padding('12px', '16px', '16px'),
  },
  icon: { display: 'flex' },
  good: { color: tokens.colorPaletteGreenForeground1 },
  warn: { color: tokens.colorStatusWarningForeground2 },
  bad: { color: tokens.colorPaletteRedForeground1 },
  sentence: { flexGrow: 1, flexBasis: '200px', ':focus': { outlineStyle: 'none' } },
  quiet: {
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
    color: tokens.colorNeutralForeground2,
  },
  actions: { display: 'flex', flexWrap: 'wrap', columnGap: '4px', marginInlineStart: 'auto' },
  list: {
    listStyleType: 'none',
    ...shorthands.margin('4px', 0, '8px'),
    ...shorthands.padding(0, '8px', 0, '30px'),
    display: 'flex',
    flexDirection: 'column',
    rowGap: '4px',
  },
  line: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 180px) 110px minmax(0, 1fr)',
    columnGap: '12px',
    alignItems: 'baseline',
    overflowWrap: 'anywhere',
  },
  lineNarrow: { gridTemplateColumns: 'minmax(0, 1fr) auto' },
  label: { fontWeight: tokens.fontWeightSemibold },
});
