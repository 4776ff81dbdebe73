import { Fluent, React } from './platform.ts';
import type { Table } from './tables.ts';
import type { RecordForm } from './use-record.ts';
import { DeleteIcon, RefreshIcon, SaveIcon } from './icons.tsx';

export function CommandBar({ form, isReadOnly }: { form: RecordForm; isReadOnly: boolean }) {
  const isGone = form.state.kind === 'open' && form.state.row === null;
  return (
    <Fluent.Toolbar className="commands" size="small" aria-label="Commands">
      <Fluent.ToolbarButton
        icon={form.isSaving ? <Fluent.Spinner size="tiny" /> : <SaveIcon />}
        disabled={!form.isDirty || form.isSaving || isReadOnly}
        onClick={() => void form.save()}
      >
        Save
      </Fluent.ToolbarButton>
      <Fluent.ToolbarButton icon={<RefreshIcon />} onClick={form.refresh}>
        Refresh
      </Fluent.ToolbarButton>
      <Fluent.ToolbarDivider />
      <DeleteButton form={form} isDisabled={isGone || isReadOnly} />
    </Fluent.Toolbar>
  );
}

function DeleteButton({ form, isDisabled }: { form: RecordForm; isDisabled: boolean }) {
  return (
    <Fluent.Dialog modalType="alert">
      <Fluent.DialogTrigger disableButtonEnhancement>
        <Fluent.ToolbarButton icon={<DeleteIcon />} disabled={isDisabled}>
          Delete
        </Fluent.ToolbarButton>
      </Fluent.DialogTrigger>
      <Fluent.DialogSurface className="question">
        <Fluent.DialogBody>
          <Fluent.DialogTitle>Delete this record?</Fluent.DialogTitle>
          <Fluent.DialogContent>It leaves Dataverse. Its versions stay in the backup.</Fluent.DialogContent>
          <Fluent.DialogActions>
            <Fluent.DialogTrigger disableButtonEnhancement>
              <Fluent.Button>Cancel</Fluent.Button>
            </Fluent.DialogTrigger>
            <Fluent.DialogTrigger disableButtonEnhancement>
              <Fluent.Button appearance="primary" onClick={() => void form.remove()}>
                Delete
              </Fluent.Button>
            </Fluent.DialogTrigger>
          </Fluent.DialogActions>
        </Fluent.DialogBody>
      </Fluent.DialogSurface>
    </Fluent.Dialog>
  );
}

type HeaderProps = {
  name: string;
  table: Table;
  isGone: boolean;
  isDirty: boolean;
  children: React.ReactNode;
};

export function Header({ name, table, isGone, isDirty, children }: HeaderProps) {
  const state = isGone ? ' · not in Dataverse' : isDirty ? ' · unsaved changes' : ' · saved';
  return (
    <div className="head">
      <div className="title">
        <Fluent.Avatar name={name} size={48} shape="square" color="colorful" />
        <div>
          <h1>{name}</h1>
          <div className="sub">
            {table.label} · Main form
            <span>{state}</span>
          </div>
        </div>
      </div>
      {children}
    </div>
  );
}
