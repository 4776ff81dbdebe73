import { z } from 'zod';
import type { ControlStore } from '../../vault/index.ts';

const pause = z.object({ since: z.string(), by: z.string() });
export type Pause = z.infer<typeof pause>;

/** Not null: no run of this environment starts by itself. One that somebody asks for runs all the same. */
export async function readPause(control: ControlStore, environmentId: string): Promise<Pause | null> {
  const parsed = pause.safeParse(await control.readMark(nameOf(environmentId)));
  return parsed.success ? parsed.data : null;
}

export async function writePause(
  control: ControlStore,
  environmentId: string,
  document: Pause | null,
): Promise<void> {
  if (document === null) await control.removeMark(nameOf(environmentId));
  else await control.writeMark(nameOf(environmentId), document);
}

function nameOf(environmentId: string): string {
  return `${environmentId}/pause`;
}
