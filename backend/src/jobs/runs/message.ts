import { z } from 'zod';

const ofRun = {
  version: z.literal(1),
  /** Name of the environment in the configuration. */
  environment: z.string().min(1).max(200),
  /** Id of the run. */
  run: z.string().min(1).max(64),
};

/** What travels in the queue: one step of a run. Everything else is in the run's documents. */
const runMessage = z.discriminatedUnion('step', [
  z.strictObject({ ...ofRun, step: z.literal('begin') }),
  z.strictObject({ ...ofRun, step: z.literal('table'), table: z.string().min(1).max(200) }),
  z.strictObject({ ...ofRun, step: z.literal('finish') }),
]);
export type RunMessage = z.infer<typeof runMessage>;

export function printMessage(message: RunMessage): string {
  return JSON.stringify(message);
}

/** Null: not one of ours, or of a version that we do not know. */
export function parseMessage(text: string): RunMessage | null {
  try {
    const parsed = runMessage.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** `accounts of demo`, for people. */
export function messageText(message: RunMessage): string {
  return message.step === 'table' ? `table ${message.table}` : message.step;
}
