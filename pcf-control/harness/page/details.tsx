import { Fluent, React } from './platform.ts';
import { isLookup, lookupTarget, shownValue } from './records.ts';
import type { RecordForm } from './use-record.ts';

/** Every column that has a value, as the service formats it. */
export function Details({ form }: { form: RecordForm }) {
  const { state } = form;
  if (state.kind !== 'open' || state.row === null) return null;
  const { row } = state;
  const lines = state.columns
    .map((column) => ({ column, text: shownValue(row, column) }))
    .filter(({ column, text }) => column.canRead && text !== '')
    .sort((a, b) => a.column.label.localeCompare(b.column.label));
  return (
    <div className="card">
      <h2>All columns with a value</h2>
      <dl className="lines">
        {lines.map(({ column, text }) => (
          <div key={column.name}>
            <dt>{column.label}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** The records that this one points at. */
export function Related({ form, open }: { form: RecordForm; open: (table: string, id: string) => void }) {
  const { state } = form;
  if (state.kind !== 'open' || state.row === null) return null;
  const { row } = state;
  const links = state.columns.flatMap((column) => {
    const target = isLookup(column) ? lookupTarget(row, column) : null;
    return target === null ? [] : [{ column, target, text: shownValue(row, column) }];
  });
  return (
    <div className="card">
      <h2>Linked records</h2>
      <dl className="lines">
        {links.map(({ column, target, text }) => (
          <div key={column.name}>
            <dt>{column.label}</dt>
            <dd>
              <Fluent.Link onClick={() => open(target.table, target.id)}>{text || target.id}</Fluent.Link>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
