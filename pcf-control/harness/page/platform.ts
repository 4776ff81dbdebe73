import type * as FluentLibrary from '@fluentui/react-components';
import type * as ReactLibrary from 'react';
import type * as ReactDomLibrary from 'react-dom';

/** The platform's own libraries, as pages get them: from globals. The page is built on what the control runs on. */
type Platform = {
  Reactv16: typeof ReactLibrary;
  ReactDOMv16: typeof ReactDomLibrary;
  FluentUIReactv940: typeof FluentLibrary;
  registeredControls: Record<string, ControlClass | undefined>;
};

/** What the page needs of the class that the bundle registers. */
export type ControlClass = new () => {
  init(context: unknown, notify: () => void, state: Record<string, unknown>): void;
  updateView(context: unknown): ReactLibrary.ReactElement;
  destroy(): void;
};

const platform = globalThis as unknown as Platform; // Set by the scripts before this one: see index.html.

export const React = platform.Reactv16;
export const ReactDOM = platform.ReactDOMv16;
export const Fluent = platform.FluentUIReactv940;

export function registeredControl(name: string): ControlClass {
  const control = platform.registeredControls[name];
  if (control === undefined) throw new Error(`The bundle did not register ${name}.`);
  return control;
}
