import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Spinner,
} from '@fluentui/react-components';
import * as React from 'react';
import { Effects } from '../Effects/Effects';
import { useRestoreLabel } from '../RestoreBar/RestoreBar';
import { useSurroundings } from '../surroundings';
import { Themed } from '../Themed/Themed';
import type { Purpose, useRestore } from '../Version/useRestore';
import type { Selection } from '../Version/useVersions';
import { useRestoreDialogStyles } from './RestoreDialog.styles';

export type RestoreDialogProps = {
  selection: Selection;
  restore: ReturnType<typeof useRestore>;
  open: (purpose: Purpose) => void;
  name: string | null;
};

/** Preview and question in one place: nothing is written before its last button. The safe button comes first. */
export const RestoreDialog: React.FC<RestoreDialogProps> = ({ selection, restore, open, name }) => {
  const { state } = restore;
  if (state.kind !== 'planning' && state.kind !== 'planned') return null;
  return (
    <Themed>
      <OpenDialog purpose={state.purpose} {...{ selection, restore, open, name }} />
    </Themed>
  );
};

const OpenDialog: React.FC<RestoreDialogProps & { purpose: Purpose }> = ({ purpose, ...props }) => {
  // The dialog has no trigger of its own, so the focus goes back by hand to the button that led here.
  const [before] = React.useState(() => document.activeElement);
  React.useEffect(
    () => () => {
      if (before instanceof HTMLElement) before.focus();
    },
    [before],
  );
  return (
    <Dialog
      open
      modalType={purpose === 'confirm' ? 'alert' : 'modal'}
      onOpenChange={(_event, data) => !data.open && props.restore.close()}
    >
      <Surface key={purpose} {...props} />
    </Dialog>
  );
};

const Surface: React.FC<RestoreDialogProps> = ({ selection, restore, open, name }) => {
  const styles = useRestoreDialogStyles();
  const { text } = useSurroundings();
  const label = useRestoreLabel(selection);
  const { state, close, write } = restore;
  if (state.kind !== 'planning' && state.kind !== 'planned') return null;
  const isPreview = state.purpose === 'preview';
  const proceed = () =>
    isPreview ? open('confirm') : state.kind === 'planned' && write('restore', state.plan.id);
  return (
    <DialogSurface className={styles.surface}>
      <DialogBody>
        <DialogTitle>{isPreview ? text.say('Preview_Title') : titleOf(selection, text)}</DialogTitle>
        <DialogContent className={styles.content}>
          <p className={styles.lead}>
            {isPreview ? text.say('Preview_Body') : leadOf(selection, name, text)}
          </p>
          {state.kind === 'planning' ? (
            <Spinner size="small" label={text.say('Planning')} />
          ) : (
            <Effects plan={state.plan} />
          )}
        </DialogContent>
        <DialogActions className={styles.actions}>
          {/* First, so that the dialog gives it the focus: Enter must never restore by accident. */}
          <Button className={styles.button} onClick={close}>
            {text.say(isPreview ? 'Close' : 'Cancel')}
          </Button>
          <Button
            className={styles.button}
            appearance="primary"
            disabled={state.kind === 'planning'}
            onClick={proceed}
          >
            {isPreview ? text.say('Continue') : label}
          </Button>
        </DialogActions>
      </DialogBody>
    </DialogSurface>
  );
};

type Words = ReturnType<typeof useSurroundings>['text'];

const titleOf = ({ what, ticked }: Selection, text: Words): string =>
  what === 'record' ? text.say('Confirm_Title_Record') : text.count('Confirm_Title', ticked.length);

function leadOf({ what, ticked, moment }: Selection, name: string | null, text: Words): string {
  const named = name ?? text.say('Live');
  if (what === 'record') return text.say('Confirm_Body_Record', named, moment);
  return text.count('Confirm_Body', ticked.length, named, moment);
}
