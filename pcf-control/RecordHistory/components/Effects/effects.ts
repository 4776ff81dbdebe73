import type { PlannedRow } from '../../services/contract';
import type { TextKey } from '../../services/english';
import type { Text } from '../../services/text';

const actions: Record<PlannedRow['action'], TextKey | null> = {
  create: 'Action_Create',
  update: 'Action_Update',
  associate: 'Action_Associate',
  delete: 'Action_Delete',
  disassociate: 'Action_Disassociate',
  none: null,
};
export const actionKey = (action: PlannedRow['action']): TextKey | null => actions[action];

export function fileSize(text: Text, bytes: number): string {
  if (bytes < 1024) return text.say('Bytes', bytes);
  if (bytes < 1024 * 1024) return text.say('Kilobytes', Math.round(bytes / 1024));
  return text.say('Megabytes', Math.round((bytes / 1024 / 1024) * 10) / 10);
}
