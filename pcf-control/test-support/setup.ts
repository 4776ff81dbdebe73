/** What jsdom lacks and Fluent's focus handling asks for, also after a test has ended. */
Object.assign(globalThis, {
  NodeFilter: globalThis.NodeFilter ?? {
    FILTER_ACCEPT: 1,
    FILTER_REJECT: 2,
    FILTER_SKIP: 3,
    SHOW_ELEMENT: 1,
  },
  ResizeObserver:
    globalThis.ResizeObserver ??
    class {
      observe(): void {}
      unobserve(): void {}
      disconnect(): void {}
    },
});
