import * as React from 'react';
import type { IInputs } from '../generated/ManifestTypes';
import type { Clock } from '../services/clock';
import { currentRecord } from '../services/current-record';
import { History } from './History/History';
import { useHistoryStyles } from './History/History.styles';
import { InfoIcon, RecordIcon } from './icons';
import { Notice } from './Notice/Notice';
import { SurroundingsProvider } from './surroundings';
import { useHost } from './use-host';

export type ControlProps = {
  context: ComponentFramework.Context<IInputs>;
  clock: Clock;
  whenVisible: () => Promise<void>;
};

/** Decides which record it is, before anything is asked of it. */
export const Control: React.FC<ControlProps> = (props) => {
  const styles = useHistoryStyles();
  const { parameters, mode } = props.context;
  const current = currentRecord({
    recordId: parameters.recordId?.raw ?? null,
    tableName: parameters.tableName?.raw ?? null,
    mode,
  });
  const { table, id } = current.kind === 'record' ? current.record : { table: '', id: '' };
  const record = React.useMemo(() => ({ table, id }), [table, id]);
  const surroundings = useHost(props, record, current.kind === 'record' && current.isOwn);
  const { text } = surroundings;
  if (current.kind === 'record') {
    return (
      <SurroundingsProvider value={surroundings}>
        <History key={`${table} ${id}`} />
      </SurroundingsProvider>
    );
  }
  const isNew = current.kind === 'new-row';
  return (
    <div className={styles.root}>
      <div className={styles.panel}>
        <Notice
          icon={isNew ? <RecordIcon /> : <InfoIcon />}
          title={text.say(isNew ? 'NewRow_Title' : 'UnknownRecord')}
          body={text.say(isNew ? 'NewRow_Body' : 'UnknownRecord_Hint')}
        />
      </div>
    </div>
  );
};
