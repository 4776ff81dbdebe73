import * as React from 'react';
import type { RecordRef } from '../services/backup-client';
import { createDates } from '../services/dates';
import { requestRowsClient } from '../services/request-rows';
import { createText } from '../services/text';
import type { ControlProps } from './Control';
import type { Layout, Surroundings } from './surroundings';

/**
 * The host's context as the components want it. The host calls `updateView` often and with a new context each time, so
 * what work depends on (client, text, dates) is made once and reads the newest context when it is used.
 */
export function useHost(
  { context, clock, whenVisible }: ControlProps,
  record: RecordRef,
  isOwn: boolean,
): Surroundings {
  const newest = React.useRef(context);
  newest.current = context;
  const stable = React.useMemo(() => {
    const text = createText((key) => newest.current.resources.getString(key));
    return {
      clock,
      text,
      dates: createDates(context.userSettings, clock.now, text),
      client: requestRowsClient({ webAPI: webApiOf(newest), clock, text, whenVisible }),
      userId: context.userSettings.userId.replace(/[{}]/g, '').toLowerCase(),
      isRtl: context.userSettings.isRTL,
      isOnline: () => !newest.current.client.isOffline() && newest.current.client.isNetworkAvailable(),
    };
    // Settings of the signed-in user do not change while a form is open.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [clock, whenVisible]);

  const layout = layoutOf(context.mode.allocatedWidth);
  // Nobody may write a row of a request, so its form is always read-only; that says nothing about the record it names.
  const isReadOnly = isOwn && context.mode.isControlDisabled;
  // The typings say that the theme is of their own kind; the host passes Fluent's.
  const theme = context.fluentDesignLanguage?.tokenTheme as Surroundings['theme'];
  return React.useMemo(
    () => ({ ...stable, record, layout, isReadOnly, theme, refreshForm: refresherOf(newest, record) }),
    [stable, record, layout, isReadOnly, theme],
  );
}

type Newest = React.MutableRefObject<ControlProps['context']>;

const webApiOf = (newest: Newest): Pick<ComponentFramework.WebApi, 'createRecord' | 'retrieveRecord'> => ({
  createRecord: (table, data) => newest.current.webAPI.createRecord(table, data),
  retrieveRecord: (table, id, options) => newest.current.webAPI.retrieveRecord(table, id, options),
});

/** There is no supported refresh of a form; opening the same record again is what a control may do. */
function refresherOf(newest: Newest, { table, id }: RecordRef): () => void {
  return () => void newest.current.navigation.openForm({ entityName: table, entityId: id });
}

/** The host reports -1 until it has measured. */
function layoutOf(widthPx: number): Layout {
  if (widthPx > 0 && widthPx < 480) return 'narrow';
  return widthPx > 0 && widthPx < 720 ? 'stacked' : 'wide';
}
