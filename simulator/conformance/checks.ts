import { AssertionError } from 'node:assert';

/** Runs checks one after the other, prints each on a line and counts. A failed check never stops the others. */
export class Checks {
  passed = 0;
  failed = 0;
  readonly #say: (line: string) => void;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** `body` throws or rejects where the check fails. */
  async check(name: string, body: () => unknown): Promise<void> {
    try {
      await body();
      this.pass(name);
    } catch (error) {
      this.fail(name, reasonOf(error));
    }
  }

  pass(name: string): void {
    this.passed += 1;
    this.#say(`ok      ${name}`);
  }

  fail(name: string, reason: string): void {
    this.failed += 1;
    this.#say(`FAILED  ${name}`);
    for (const line of reason.split('\n').slice(0, MAX_REASON_LINES))
      this.#say(`        ${line.slice(0, MAX_LINE_CHARACTERS)}`);
  }

  heading(text: string): void {
    this.#say(`\n${text}`);
  }
}

const MAX_REASON_LINES = 14;
const MAX_LINE_CHARACTERS = 300;

/** Clients throw errors of their own with status and code; those tell more than the stack. */
function reasonOf(error: unknown): string {
  if (error instanceof AssertionError) return `${error.message}\n${placeOf(error)}`;
  if (!(error instanceof Error)) return JSON.stringify(error) ?? String(error);
  const { status, code } = error as { status?: number; code?: string }; // absent on most errors
  const answer = status === undefined ? '' : ` (status ${String(status)}, code ${String(code)})`;
  return `${error.name}: ${error.message}${answer}\n${placeOf(error)}`;
}

/** The line of the check that threw. */
function placeOf(error: Error): string {
  const lines = error.stack?.split('\n') ?? [];
  return lines.find((line) => line.includes('/conformance/'))?.trim() ?? lines[1]?.trim() ?? '';
}
