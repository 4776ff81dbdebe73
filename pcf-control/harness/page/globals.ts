/** Runs between the platform's React and its Fluent: gives both the names they expect, and catches the control's class. */
const names: Record<string, unknown> = globalThis;
names['React'] = names['Reactv16'];
names['ReactDOM'] = names['ReactDOMv16'];
const controls: Record<string, unknown> = {};
names['registeredControls'] = controls;
names['ComponentFramework'] = {
  registerControl: (name: string, control: unknown) => {
    controls[name] = control;
  },
};
