import { useSurroundings } from '../surroundings';
import type { Text } from '../../services/text';
import type { RestoreState } from './useRestore';
import type { VersionState } from './useVersion';
import { useResultSentence } from '../Result/useResultSentence';

/** What a screen reader hears while the screen changes on its own. */
export function useAnnouncement(version: VersionState, differing: number, restore: RestoreState): string {
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
      return aboutVersion(version, differing, text);
  }
}

function aboutVersion(version: VersionState, differing: number, text: Text): string {
  if (version.kind === 'loading') return text.say('Loading_Version');
  if (version.kind !== 'ready' || version.comparison.to.kind === 'deleted' || !version.isCurrent) return '';
  return differing === 0 ? text.say('NoDifference_Title') : text.count('Differs', differing);
}
