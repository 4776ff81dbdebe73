import { makeStyles, shorthands, tokens } from '@fluentui/react-components';

export const useRestoreDialogStyles = makeStyles({
  surface: { maxWidth: '560px' },
  content: { maxHeight: '60vh', overflowY: 'auto', paddingBottom: '8px' },
  button: { whiteSpace: 'nowrap', flexShrink: 0 },
  actions: {
    '@media screen and (min-width: 481px)': { gridColumnStart: '1', gridColumnEnd: '4', justifySelf: 'end' },
  },
  lead: { ...shorthands.margin(0, 0, '16px'), color: tokens.colorNeutralForeground2 },
});
