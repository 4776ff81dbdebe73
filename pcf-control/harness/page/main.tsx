import { App } from './app.tsx';
import { React, ReactDOM } from './platform.ts';
import { readResources } from './resources.ts';
import { getJson } from './web-api.ts';

/** Reads the address as the real host does (`etn`, `id`), and who is signed in; then draws the form. */
async function start(): Promise<void> {
  const query = new URLSearchParams(location.search);
  const languageId = query.get('lang') === '1031' ? 1031 : 1033;
  const userId = String((await getJson('WhoAmI'))['UserId']);
  const [getString, user] = await Promise.all([
    readResources(languageId),
    getJson(`systemusers(${userId})?$select=fullname`).then(
      (row) => String(row['fullname'] ?? ''),
      () => '',
    ),
  ]);
  ReactDOM.render(
    <App
      start={{ table: query.get('etn') ?? '', id: query.get('id') ?? '' }}
      user={{ id: userId, name: user }}
      language={{ id: languageId, getString, isRtl: query.get('rtl') === '1' }}
      isReadOnly={query.get('readonly') === '1'}
      isDark={query.get('dark') === '1'}
    />,
    document.getElementById('app'),
  );
}

start().catch((error: unknown) => {
  const app = document.getElementById('app');
  if (app !== null)
    app.textContent = `The form could not be opened: ${error instanceof Error ? error.message : String(error)}`;
});
