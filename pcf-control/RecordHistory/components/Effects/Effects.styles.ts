import { makeStyles, shorthands, tokens } from '@fluentui/react-components';

export const useEffectsStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', rowGap: '16px' },
  heading: {
    ...shorthands.margin(0, 0, '6px'),
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
    fontWeight: tokens.fontWeightSemibold,
    color: tokens.colorNeutralForeground2,
  },
  list: {
    listStyleType: 'none',
    ...shorthands.margin(0),
    ...shorthands.padding(0),
    display: 'flex',
    flexDirection: 'column',
    rowGap: '6px',
  },
  line: {
    display: 'flex',
    flexWrap: 'wrap',
    columnGap: '8px',
    alignItems: 'baseline',
    overflowWrap: 'anywhere',
  },
  column: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 150px) minmax(0, 1fr)',
    columnGap: '12px',
    overflowWrap: 'anywhere',
  },
  strong: { fontWeight: tokens.fontWeightSemibold },
  now: { marginInlineStart: '8px' },
  quiet: {
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
    color: tokens.colorNeutralForeground2,
  },
  problem: {
    display: 'grid',
    gridTemplateColumns: '20px 1fr',
    columnGap: '10px',
    ...shorthands.padding('8px', '12px'),
    ...shorthands.borderRadius(tokens.borderRadiusMedium),
    ...shorthands.border('1px', 'solid', tokens.colorStatusWarningBorder1),
    backgroundColor: tokens.colorStatusWarningBackground1,
  },
  problemIcon: { color: tokens.colorStatusWarningForeground2, display: 'flex' },
  ways: { ...shorthands.margin('2px', 0, 0), ...shorthands.padding(0), listStyleType: 'none' },
});
