import { ControlHost } from './control-host.tsx';
import { Details, Related } from './details.tsx';
import { CommandBar, Header } from './header.tsx';
import { Picker } from './picker.tsx';
import { Fluent, React } from './platform.ts';
import { Summary } from './summary.tsx';
import { useRecord, type Address, type RecordForm } from './use-record.ts';

export type AppProps = {
  start: Address;
  user: { id: string; name: string };
  language: { id: number; getString: (key: string) => string; isRtl: boolean };
  isReadOnly: boolean;
  isDark: boolean;
};

type Tab = 'summary' | 'details' | 'history' | 'related';

export function App(props: AppProps) {
  const [address, setAddress] = React.useState(props.start);
  const [isDark, setDark] = React.useState(props.isDark);
  const theme = isDark ? Fluent.webDarkTheme : Fluent.webLightTheme;

  const open = React.useCallback((table: string, id: string) => {
    const query = new URLSearchParams(location.search);
    query.set('etn', table);
    query.set('id', id);
    history.pushState(null, '', `/main.aspx?${query.toString()}`);
    setAddress({ table, id });
  }, []);
  React.useEffect(() => {
    const back = () => {
      const query = new URLSearchParams(location.search);
      setAddress({ table: query.get('etn') ?? '', id: query.get('id') ?? '' });
    };
    addEventListener('popstate', back);
    return () => removeEventListener('popstate', back);
  }, []);

  return (
    <Fluent.FluentProvider theme={theme} dir={props.language.isRtl ? 'rtl' : 'ltr'} className="page">
      <header className="suite">
        <span className="suite-mark" aria-hidden="true" />
        <b>Rowback</b>
        <span className="suite-area">Sales</span>
        <span className="grow" />
        <Fluent.Switch
          className="suite-switch"
          label="Dark"
          labelPosition="before"
          checked={isDark}
          onChange={(_event, { checked }) => setDark(checked)}
        />
        <Fluent.Avatar name={props.user.name || 'You'} size={28} color="colorful" />
      </header>
      <div className="body">
        <Picker address={address} open={open} />
        <Form key={`${address.table} ${address.id}`} {...props} address={address} open={open} theme={theme} />
      </div>
    </Fluent.FluentProvider>
  );
}

type FormProps = AppProps & {
  address: Address;
  open: (table: string, id: string) => void;
  theme: typeof Fluent.webLightTheme;
};

function Form(props: FormProps) {
  const form = useRecord(props.address);
  const { state } = form;
  if (state.kind === 'reading') {
    return (
      <main className="form waiting">
        <Fluent.Spinner label="Opening the record…" />
      </main>
    );
  }
  if (state.kind === 'failed') return <main className="form waiting">{state.message}</main>;
  return <OpenForm {...props} form={form} open={props.open} />;
}

function OpenForm(props: FormProps & { form: RecordForm }) {
  const { form } = props;
  const { state } = form;
  const isGone = state.kind === 'open' && state.row === null;
  const [tab, setTab] = React.useState<Tab>(isGone ? 'history' : 'summary');
  // A closed tab is not initialised before it is first opened; from then on it stays.
  const [wasOpened, setOpened] = React.useState(isGone);
  if (state.kind !== 'open') return null;
  const choose = (next: Tab) => {
    setTab(next);
    if (next === 'history') setOpened(true);
    else if (!form.isDirty) form.refresh();
  };
  const name = nameOf(state);
  const tabs: [Tab, string][] = [
    ['summary', 'Summary'],
    ['details', 'Details'],
    ['history', 'Backup history'],
    ['related', 'Related'],
  ];
  return (
    <main className="form">
      <CommandBar form={form} isReadOnly={props.isReadOnly} />
      <Header name={name} table={state.table} isGone={isGone} isDirty={form.isDirty}>
        <Fluent.TabList selectedValue={tab} onTabSelect={(_event, { value }) => choose(value as Tab)}>
          {tabs.map(([value, label]) => (
            <Fluent.Tab key={value} value={value}>
              {label}
            </Fluent.Tab>
          ))}
        </Fluent.TabList>
      </Header>
      <div className="content">
        {form.error !== null && (
          <Fluent.MessageBar intent="error">
            <Fluent.MessageBarBody>{form.error}</Fluent.MessageBarBody>
          </Fluent.MessageBar>
        )}
        {tab === 'summary' && <Summary form={form} isReadOnly={props.isReadOnly} />}
        {tab === 'details' && <Details form={form} />}
        {tab === 'related' && <Related form={form} open={props.open} />}
        <div hidden={tab !== 'history'}>
          {wasOpened && (
            <ControlHost
              isShown={tab === 'history'}
              state={{
                record: { ...state.address, name },
                isDeleted: isGone,
                isReadOnly: props.isReadOnly,
                languageId: props.language.id,
                isRtl: props.language.isRtl,
                user: props.user,
                theme: props.theme,
                getString: props.language.getString,
                openForm: () => form.refresh(),
              }}
            />
          )}
        </div>
      </div>
    </main>
  );
}

function nameOf({ row, table }: Extract<RecordForm['state'], { kind: 'open' }>): string {
  const name = row === null || table.primaryName === null ? null : row[table.primaryName];
  if (typeof name === 'string' && name !== '') return name;
  return row === null ? `Deleted ${table.label.toLowerCase()}` : table.label;
}
