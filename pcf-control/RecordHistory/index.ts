import * as React from 'react';
import { Control, type ControlProps } from './components/Control';
import type { IInputs, IOutputs } from './generated/ManifestTypes';
import { browserClock } from './services/clock';
import { Visibility } from './services/visibility';

/** The shell the host talks to: it hands the context over and draws one element. Nothing is fetched from here. */
export class RecordHistory implements ComponentFramework.ReactControl<IInputs, IOutputs> {
  private readonly visibility = new Visibility();
  private readonly clock = browserClock;

  init(context: ComponentFramework.Context<IInputs>): void {
    context.mode.trackContainerResize(true);
  }

  updateView(context: ComponentFramework.Context<IInputs>): React.ReactElement {
    this.visibility.set(context.mode.isVisible);
    const props: ControlProps = { context, clock: this.clock, whenVisible: this.visibility.whenVisible };
    return React.createElement(Control, props);
  }

  /** The bound column is only a place on the form: it is never changed. */
  getOutputs(): IOutputs {
    return {};
  }

  destroy(): void {
    // React unmounts by itself, which aborts what runs; a poll that waits for a hidden tab is let go here.
    this.visibility.set(true);
  }
}
