import { React } from './platform.ts';
import { deleteRecord, readRecord, saveRecord } from './records.ts';
import { readColumns, readTable, type Column, type Table } from './tables.ts';
import type { Row } from './web-api.ts';

export type Address = { table: string; id: string };

/** The record of the form: read, edited, saved, and read again. A null row is one that is not in Dataverse. */
export type RecordState =
  | { kind: 'reading' }
  | { kind: 'failed'; message: string }
  | { kind: 'open'; address: Address; table: Table; columns: Column[]; row: Row | null };

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export function useRecord(address: Address) {
  const [state, setState] = React.useState<RecordState>({ kind: 'reading' });
  const [changes, setChanges] = React.useState<Row>({});
  const [isSaving, setSaving] = React.useState(false);
  const [error, setError] = React.useState<string | null>(null);

  const read = React.useCallback(async () => {
    const table = await readTable(address.table);
    const [columns, row] = await Promise.all([readColumns(address.table), readRecord(table, address.id)]);
    setChanges({});
    setError(null);
    setState({ kind: 'open', address, table, columns, row });
  }, [address]);

  React.useEffect(() => {
    setState({ kind: 'reading' });
    read().catch((reason: unknown) => setState({ kind: 'failed', message: messageOf(reason) }));
  }, [read]);

  const write = async (work: (table: Table) => Promise<void>) => {
    if (state.kind !== 'open') return;
    setSaving(true);
    try {
      await work(state.table);
      await read();
    } catch (reason) {
      setError(messageOf(reason));
    } finally {
      setSaving(false);
    }
  };

  return {
    state,
    changes,
    isSaving,
    error,
    isDirty: Object.keys(changes).length > 0,
    change: (column: string, value: unknown) => setChanges((before) => ({ ...before, [column]: value })),
    refresh: () => void read().catch((reason: unknown) => setError(messageOf(reason))),
    save: () => write((table) => saveRecord(table, address.id, changes)),
    remove: () => write((table) => deleteRecord(table, address.id)),
  };
}

export type RecordForm = ReturnType<typeof useRecord>;
