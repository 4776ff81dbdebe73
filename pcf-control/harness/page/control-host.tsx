import { hostContext, type HostState } from './host-context.ts';
import { React, registeredControl } from './platform.ts';

/** Holds the control as a form does: one instance for the life of the page, drawn again with every change of context. */
export function ControlHost({
  state,
  isShown,
}: {
  state: Omit<HostState, 'widthPx' | 'isVisible'>;
  isShown: boolean;
}) {
  const place = React.useRef<HTMLDivElement>(null);
  const [widthPx, setWidthPx] = React.useState(-1);
  const context = hostContext({ ...state, widthPx, isVisible: isShown });
  const [control] = React.useState(() => {
    const created = new (registeredControl('Rowback.RecordHistory'))();
    created.init(context, () => undefined, {});
    return created;
  });

  React.useEffect(() => () => control.destroy(), [control]);
  React.useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined && entry.contentRect.width > 0) setWidthPx(Math.round(entry.contentRect.width));
    });
    if (place.current !== null) observer.observe(place.current);
    return () => observer.disconnect();
  }, []);

  return <div ref={place}>{control.updateView(context)}</div>;
}
