import axe from 'axe-core';

/** What axe finds wrong, as `rule: element`. Colours are checked in the browser: jsdom does not paint. */
export async function accessibilityFindings(element: Element): Promise<string[]> {
  const { violations } = await axe.run(element, {
    rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
  });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
