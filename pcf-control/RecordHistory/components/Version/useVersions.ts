import * as React from 'react';
import type { RecordHistory } from '../../services/contract';
import {
  differences,
  plansExactly,
  tickedColumns,
  type DifferenceColumn,
  type Overrides,
} from '../../services/difference';
import { useSurroundings } from '../surroundings';
import { versionInstant } from '../words';
import { useAnnouncement } from './useAnnouncement';
import { useRestore, type Purpose } from './useRestore';
import { useVersion, type Planned } from './useVersion';

/** What a restore would put back: some columns of a record that is there, or a record that is gone, whole. */
export type Selection = {
  what: 'columns' | 'record';
  moment: string;
  ticked: readonly string[];
  /** Columns that differ and are held by the backup. */
  differingCount: number;
  planned: Planned;
};

const nothing: Overrides = new Map();

/** State of the ready screen: which version, which ticks, and the way from a click to a result. */
export function useVersions(history: RecordHistory, reload: () => void) {
  const { dates, clock } = useSurroundings();
  const { state, choose: compare } = useVersion();
  const [overrides, setOverrides] = React.useState(nothing);
  const [changedOnly, setChangedOnly] = React.useState(true);
  const chosen = state.kind === 'none' ? null : state.version;

  const choose = React.useCallback(
    (version: string) => {
      setOverrides(nothing);
      compare(version, history.versions.find((one) => one.version === version)?.kind === 'deleted');
    },
    [compare, history.versions],
  );
  const refresh = React.useCallback(() => {
    reload();
    if (chosen !== null) choose(chosen);
  }, [reload, choose, chosen]);
  const restore = useRestore(refresh);

  // A deleted record has one version that everybody looks for: the last one before it was deleted.
  const lastValues =
    history.live === null ? history.versions.find(({ kind }) => kind !== 'deleted')?.version : undefined;
  React.useEffect(() => {
    if (chosen === null && lastValues !== undefined) choose(lastValues);
  }, [chosen, lastValues, choose]);

  const version = history.versions.find((one) => one.version === chosen) ?? null;
  const moment = version === null ? '' : dates.moment(versionInstant(version));
  const columns = React.useMemo(
    () => (state.kind === 'ready' ? differences(state.comparison, planOf(state.planned), overrides) : []),
    [state, overrides],
  );
  const selection =
    state.kind === 'ready' ? select(state.comparison.to.kind, state.planned, columns, moment) : null;

  const open = (purpose: Purpose) => {
    if (selection === null || chosen === null) return;
    const plan = planOf(selection.planned);
    const wanted = [...selection.ticked];
    const isRecord = selection.what === 'record';
    const usable =
      plan !== null &&
      (isRecord ? Date.parse(plan.expiresAt) > clock.now() : plansExactly(plan, wanted, clock.now()));
    restore.open(
      purpose,
      usable ? plan : null,
      isRecord ? { version: chosen } : { version: chosen, columns: wanted },
    );
  };
  const tick = (column: string, ticked: boolean) =>
    setOverrides((before) => new Map(before).set(column, ticked));
  const differing = columns.filter(({ differs }) => differs).length;
  const announcement = useAnnouncement(state, differing, restore.state);

  return {
    state,
    chosen,
    choose,
    refresh,
    version,
    moment,
    columns,
    tick,
    changedOnly,
    setChangedOnly,
    selection,
    restore,
    open,
    announcement,
  };
}

export type VersionsState = ReturnType<typeof useVersions>;

const planOf = (planned: Planned) => (planned.kind === 'planned' ? planned.plan : null);

function select(
  now: 'version' | 'live' | 'deleted',
  planned: Planned,
  columns: readonly DifferenceColumn[],
  moment: string,
): Selection | null {
  const differing = columns.filter(({ tick }) => tick.kind !== 'none');
  if (now !== 'deleted' && differing.length === 0) return null;
  const what = now === 'deleted' ? 'record' : 'columns';
  return { what, moment, ticked: tickedColumns(columns), differingCount: differing.length, planned };
}
