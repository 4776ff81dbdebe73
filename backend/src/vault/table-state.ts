import { type LogState, keyColumns } from './delta/delta-log.ts';
import type { TableState } from './table.ts';

/** What the log says, in the words of the vault. */
export function tableState({ version, metaData, files }: LogState): TableState {
  const settings = metaData.configuration;
  return {
    version,
    throughSeq: files.reduce((most, file) => Math.max(most, file.maxSeq), 0),
    token: settings['rowback.token'] ?? null,
    position: settings['rowback.position'] ?? null,
    schemaId: settings['rowback.schema'] ?? '',
    epoch: Number(settings['rowback.epoch'] ?? 0),
    key: keyColumns(metaData),
    versionCount: files.reduce((sum, file) => sum + file.rowCount, 0),
    newestSnapshot: files.reduce<string | null>(
      (newest, file) => (newest === null || file.newestSnapshot > newest ? file.newestSnapshot : newest),
      null,
    ),
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
  };
}
