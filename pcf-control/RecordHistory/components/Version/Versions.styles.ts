import { makeStyles, shorthands, tokens } from '@fluentui/react-components';

export const useVersionsStyles = makeStyles({
  bar: {
    display: 'flex',
    alignItems: 'center',
    columnGap: '12px',
    minHeight: '52px',
    boxSizing: 'border-box',
    ...shorthands.padding('4px', '12px', '4px', '16px'),
    ...shorthands.borderBottom(tokens.strokeWidthThin, 'solid', tokens.colorNeutralStroke2),
  },
  barWrapped: { flexWrap: 'wrap', rowGap: 0, ...shorthands.padding('8px', '8px', '4px', '16px') },
  title: {
    ...shorthands.margin(0),
    fontSize: tokens.fontSizeBase300,
    lineHeight: tokens.lineHeightBase300,
    fontWeight: tokens.fontWeightSemibold,
    whiteSpace: 'nowrap',
  },
  note: {
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
    color: tokens.colorNeutralForeground2,
  },
  switchLabel: {
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase300,
    color: tokens.colorNeutralForeground2,
  },
  switchNarrow: { marginInlineStart: '-8px' },
  end: { marginInlineStart: 'auto' },
  grow: { flexGrow: 1 },
  problem: { ...shorthands.padding('8px', '16px'), color: tokens.colorPaletteRedForeground1 },
  panes: { display: 'grid', gridTemplateColumns: 'minmax(240px, 296px) minmax(0, 1fr)' },
  panesStacked: { gridTemplateColumns: 'minmax(0, 1fr)' },
  timeline: { ...shorthands.borderRight(tokens.strokeWidthThin, 'solid', tokens.colorNeutralStroke2) },
  timelineScroll: { maxHeight: '640px', overflowY: 'auto' },
  timelineStacked: {
    ...shorthands.borderBottom(tokens.strokeWidthThin, 'solid', tokens.colorNeutralStroke2),
  },
  difference: {
    minWidth: 0,
    minHeight: '260px',
    display: 'flex',
    flexDirection: 'column',
    ':focus': { outlineStyle: 'none' },
  },
  differenceStacked: { minHeight: 0 },
  prompt: {
    flexGrow: 1,
    display: 'grid',
    placeItems: 'center',
    textAlign: 'center',
    color: tokens.colorNeutralForeground2,
    ...shorthands.padding('24px'),
  },
  busy: { display: 'flex', flexDirection: 'column', rowGap: '24px', ...shorthands.padding('20px', '24px') },
});
