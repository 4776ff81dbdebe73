import { SearchIcon } from './icons.tsx';
import { Fluent, React } from './platform.ts';
import { findRecords, type RecordName } from './records.ts';
import { listTables, readTable, type Table } from './tables.ts';
import type { Address } from './use-record.ts';

/** Left of the form: the tables, and the records of the chosen one by name. */
export function Picker({ address, open }: { address: Address; open: (table: string, id: string) => void }) {
  const tables = useTables(address.table);
  const [table, setTable] = React.useState(address.table);
  const [search, setSearch] = React.useState('');
  const records = useRecords(table, search, address);
  React.useEffect(() => setTable(address.table), [address.table]);
  return (
    <aside className="picker" aria-label="Records">
      <div className="picker-top">
        <Fluent.Select aria-label="Table" value={table} onChange={(_event, { value }) => setTable(value)}>
          {tables.map(({ name, labelOfMany }) => (
            <option key={name} value={name}>
              {labelOfMany}
            </option>
          ))}
        </Fluent.Select>
        <Fluent.Input
          type="search"
          aria-label="Search by name"
          placeholder="Search by name"
          contentBefore={<SearchIcon />}
          value={search}
          onChange={(_event, { value }) => setSearch(value)}
        />
      </div>
      <ul className="records">
        {records.map(({ id, name }) => (
          <li key={id}>
            <button
              type="button"
              aria-current={id === address.id ? 'true' : undefined}
              onClick={() => open(table, id)}
            >
              {name}
            </button>
          </li>
        ))}
        {records.length === 0 && <li className="nothing">No records</li>}
      </ul>
    </aside>
  );
}

function useTables(current: string): Table[] {
  const [tables, setTables] = React.useState<Table[]>([]);
  React.useEffect(() => {
    let isWanted = true;
    const read = async () => {
      const listed = await listTables();
      const all = listed.some(({ name }) => name === current)
        ? listed
        : [await readTable(current), ...listed];
      if (isWanted) setTables(all);
    };
    read().catch((error: unknown) => console.error(error));
    return () => {
      isWanted = false;
    };
  }, [current]);
  return tables;
}

/** Read again whenever another record is opened, so that what was just deleted or restored is right. */
function useRecords(table: string, search: string, address: Address): RecordName[] {
  const [records, setRecords] = React.useState<RecordName[]>([]);
  React.useEffect(() => {
    let isWanted = true;
    const timer = setTimeout(() => {
      findRecords(table, search.trim()).then(
        (found) => isWanted && setRecords(found),
        (error: unknown) => console.error(error),
      );
    }, 150);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [table, search, address]);
  return records;
}
