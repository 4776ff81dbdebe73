import { makeStyles, shorthands, tokens } from '@fluentui/react-components';

export const useRestoreDialogStyles = makeStyles({
  surface: { maxWidth: '560px' },
  content: { maxHeight: '60vh', overflowY: 'auto' },
  lead: { ...shorthands.margin(0, 0, '16px'), color: tokens.colorNeutralForeground2 },
});
