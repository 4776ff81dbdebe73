import { makeStyles, shorthands, tokens } from '@fluentui/react-components';

export const useHistoryStyles = makeStyles({
  root: {
    width: '100%',
    display: 'flex',
    flexDirection: 'column',
    rowGap: tokens.spacingVerticalM,
    textAlign: 'start',
    ':focus': { outlineStyle: 'none' },
  },
  panel: {
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorNeutralForeground1,
    ...shorthands.border(tokens.strokeWidthThin, 'solid', tokens.colorNeutralStroke2),
    ...shorthands.borderRadius(tokens.borderRadiusXLarge),
    // Not hidden: what sticks to the bottom of the form would stick to the panel instead.
    overflowX: 'clip',
    overflowY: 'clip',
    fontSize: tokens.fontSizeBase300,
    lineHeight: tokens.lineHeightBase300,
  },
  skeleton: {
    display: 'flex',
    flexDirection: 'column',
    rowGap: '18px',
    ...shorthands.padding('20px', '16px'),
  },
  skeletonRow: {
    display: 'grid',
    alignItems: 'center',
    columnGap: '12px',
    gridTemplateColumns: '12px 1fr 20%',
  },
  hidden: {
    position: 'absolute',
    width: '1px',
    height: '1px',
    ...shorthands.overflow('hidden'),
    clip: 'rect(0 0 0 0)',
    whiteSpace: 'nowrap',
  },
});
