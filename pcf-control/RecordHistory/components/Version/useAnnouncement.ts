import { useSurroundings } from '../surroundings';
import type { RestoreState } from './useRestore';
import type { VersionState } from './useVersion';
import { useResultSentence } from '../Result/useResultSentence';

/** What a screen reader hears while the screen changes on its own. */
export function useAnnouncement(version: VersionState, restore: RestoreState): string {
  const { text } = useSurroundings();
  const result = useResultSentence(restore);
  switch (restore.kind) {
    case 'planning':
      return text.say('Planning');
    case 'running':
      return text.say(restore.what === 'undo' ? 'Running_Undo' : 'Running');
    case 'finished':
    case 'failed':
      return result;
    case 'idle':
    case 'planned':
      return version.kind === 'loading' ? text.say('Loading_Version') : '';
  }
}
