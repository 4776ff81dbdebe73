import type { Theme } from '@fluentui/react-components';
import * as React from 'react';
import type { BackupClient, RecordRef } from '../services/backup-client';
import type { Clock } from '../services/clock';
import type { Dates } from '../services/dates';
import type { Text } from '../services/text';

/** How wide the control is: two panes, one below the other, or a list without columns. */
export type Layout = 'wide' | 'stacked' | 'narrow';

/** What every component may need of the host, gathered once by the shell. */
export type Surroundings = {
  record: RecordRef;
  client: BackupClient;
  clock: Clock;
  text: Text;
  dates: Dates;
  /** The signed-in user's id, lower case without braces: their own changes read "you". */
  userId: string;
  isReadOnly: boolean;
  isRtl: boolean;
  layout: Layout;
  /** The host's tokens, for what renders outside of its tree. */
  theme: Theme | undefined;
  isOnline: () => boolean;
  /** Opens the record's form again, so that it shows what was put back. */
  refreshForm: (() => void) | null;
};

const Context = React.createContext<Surroundings | null>(null);
export const SurroundingsProvider = Context.Provider;

export function useSurroundings(): Surroundings {
  const surroundings = React.useContext(Context);
  if (surroundings === null)
    throw new Error('A component of the control was rendered outside of its provider.');
  return surroundings;
}
