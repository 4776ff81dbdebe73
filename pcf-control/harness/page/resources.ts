/** The control's texts, from the very files that the solution ships. */
export async function readResources(languageId: number): Promise<(key: string) => string> {
  const response = await fetch(`/control/strings/${languageId}.resx`);
  const document = new DOMParser().parseFromString(await response.text(), 'text/xml');
  const texts = new Map(
    [...document.querySelectorAll('data')].map((data) => [
      data.getAttribute('name') ?? '',
      data.querySelector('value')?.textContent ?? '',
    ]),
  );
  // The real host answers an unknown key with the key.
  return (key) => texts.get(key) ?? key;
}
