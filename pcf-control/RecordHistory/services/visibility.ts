/** Lets work wait while the control is hidden, so that a closed tab asks the server nothing. */
export class Visibility {
  private isVisible = true;
  private waiting: (() => void)[] = [];

  set(isVisible: boolean): void {
    this.isVisible = isVisible;
    if (!isVisible) return;
    const released = this.waiting;
    this.waiting = [];
    for (const release of released) release();
  }

  readonly whenVisible = (): Promise<void> =>
    this.isVisible ? Promise.resolve() : new Promise((resolve) => this.waiting.push(resolve));
}
