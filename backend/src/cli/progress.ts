import cliProgress from 'cli-progress';
import type { BackupProgress } from '../jobs/backups.ts';
import type { Output } from './output.ts';
import { bytesText } from './output.ts';

export interface BackupWatch {
  readonly onProgress: (progress: BackupProgress) => void;
  stop(): void;
}

/** A bar on the error stream while somebody watches; silence otherwise. */
export function watchBackup(output: Output): BackupWatch {
  if (!output.isWatched) return { onProgress: () => undefined, stop: () => undefined };
  const bar = new cliProgress.SingleBar(
    {
      format: '{bar} {value}/{total} tables  {detail}',
      hideCursor: true,
      clearOnComplete: true,
      barsize: 24,
    },
    cliProgress.Presets.shades_classic,
  );
  let started = false;
  return {
    onProgress: ({ tablesDone, tablesTotal, rows, bytes, requests }) => {
      const detail = `${rows} rows, ${requests} requests, ${bytesText(bytes)}`;
      if (!started) bar.start(tablesTotal, tablesDone, { detail });
      else bar.update(tablesDone, { detail });
      started = true;
    },
    stop: () => bar.stop(),
  };
}
