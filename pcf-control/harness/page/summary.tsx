import { Fluent, React } from './platform.ts';
import { shownValue } from './records.ts';
import { summaryColumns } from './summary-columns.ts';
import type { Column } from './tables.ts';
import type { RecordForm } from './use-record.ts';

/** The form's first tab: a dozen columns of any table, editable where Dataverse lets them be. */
export function Summary({ form, isReadOnly }: { form: RecordForm; isReadOnly: boolean }) {
  const { state } = form;
  const columns = React.useMemo(
    () =>
      state.kind === 'open' && state.row !== null
        ? summaryColumns(state.columns, state.table, state.row)
        : [],
    [state],
  );
  if (state.kind !== 'open' || state.row === null)
    return <div className="card sub">This record is not in Dataverse.</div>;
  const { short, long } = columns.reduce(
    (parts, column) => {
      (column.type === 'Memo' ? parts.long : parts.short).push(column);
      return parts;
    },
    { short: [] as Column[], long: [] as Column[] },
  );
  return (
    <div className="card">
      <h2>General</h2>
      <div className="fields">
        {short.map((column) => (
          <FieldOf key={column.name} {...{ column, form, isReadOnly }} />
        ))}
      </div>
      {long.map((column) => (
        <FieldOf key={column.name} {...{ column, form, isReadOnly }} />
      ))}
    </div>
  );
}

type FieldProps = { column: Column; form: RecordForm; isReadOnly: boolean };

function FieldOf({ column, form, isReadOnly }: FieldProps) {
  return (
    <Fluent.Field label={column.label} className="field" data-column={column.name}>
      <Control {...{ column, form, isReadOnly }} />
    </Fluent.Field>
  );
}

const numeric = new Set(['Integer', 'Decimal', 'Double', 'Money', 'BigInt']);

function Control({ column, form, isReadOnly }: FieldProps) {
  if (form.state.kind !== 'open' || form.state.row === null) return null;
  const { row } = form.state;
  const value = column.name in form.changes ? form.changes[column.name] : row[column.name];
  const text = value === null || value === undefined ? '' : String(value as string | number | boolean);
  const change = (next: unknown) => form.change(column.name, next);
  const textOrNull = (next: string) => change(next === '' ? null : next);
  if (isReadOnly || !column.canUpdate) return <Fluent.Input value={shownValue(row, column)} readOnly />;
  if (column.type === 'Memo')
    return <Fluent.Textarea value={text} rows={4} onChange={(_event, data) => textOrNull(data.value)} />;
  if (column.type === 'Picklist') {
    return (
      <Fluent.Select
        value={text}
        onChange={(_event, data) => change(data.value === '' ? null : Number(data.value))}
      >
        <option value="">---</option>
        {column.options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </Fluent.Select>
    );
  }
  if (column.type === 'Boolean') {
    return (
      <Fluent.Switch
        checked={value === true}
        label={value === true ? 'Yes' : 'No'}
        onChange={(_event, data) => change(data.checked)}
      />
    );
  }
  if (numeric.has(column.type)) {
    return (
      <Fluent.Input
        type="number"
        step={column.type === 'Integer' ? '1' : 'any'}
        value={text}
        onChange={(_event, data) => change(data.value === '' ? null : Number(data.value))}
      />
    );
  }
  return <Fluent.Input value={text} onChange={(_event, data) => textOrNull(data.value)} />;
}
