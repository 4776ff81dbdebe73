import { createReadStream, existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { forward } from './forward.ts';

/**
 * A page that looks like a model-driven form and runs the control's production bundle with the platform libraries of
 * pcf-start. Everything the page asks for comes from this server, the Web API included, as on the real host.
 */

export type HarnessOptions = {
  /** Root of the environment, such as `https://org.crm4.dynamics.com`, without a path. */
  dataverseUrl: string;
  /** The signed-in user's token. It stays in this process: the page never sees it. */
  tokenFor: () => Promise<string>;
  /** 0 takes a free one. */
  port: number;
  host: '127.0.0.1';
  /** The record that `/` opens. */
  start: { table: string; id: string };
};

export type Harness = {
  /** Origin of the page, without a slash at the end. */
  url: string;
  /** Address of a record's form. */
  formUrl(table: string, id: string): string;
  close(): Promise<void>;
};

/** Needs the control and the harness built before: `npm run build` and `npm run build:harness` in pcf-control. */
export async function startHarness(options: HarnessOptions): Promise<Harness> {
  const files = findFiles();
  const missing = Object.values(files).find((file) => !existsSync(file));
  if (missing !== undefined)
    throw new Error(`The form page is not built: ${missing} is missing. Run "npm run build".`);
  let origin = '';
  const server = createServer((request, response) => {
    answer(request, response, { options, files, origin }).catch((error: unknown) => fail(response, error));
  });
  await listen(server, options.port, options.host);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The form page has no port.');
  origin = `http://${options.host}:${address.port}`;
  return {
    url: origin,
    formUrl: (table, id) => origin + formPath(table, id),
    close: () => close(server),
  };
}

type Site = { options: HarnessOptions; files: Record<string, string>; origin: string };

async function answer(request: IncomingMessage, response: ServerResponse, site: Site): Promise<void> {
  // The host is checked so that a foreign name that resolves to this machine cannot borrow the user's token.
  if (request.headers.host !== new URL(site.origin).host) return plain(response, 421, 'Not this host.');
  const url = new URL(request.url ?? '/', site.origin);
  if (url.pathname.startsWith('/api/data/')) return forward(request, response, site.options);
  if (request.method !== 'GET') return plain(response, 405, 'Only GET.');
  const { table, id } = site.options.start;
  if (url.pathname === '/' || (url.pathname === '/main.aspx' && !url.searchParams.has('etn'))) {
    response.writeHead(302, { location: formPath(table, id) }).end();
    return;
  }
  if (url.pathname === '/main.aspx') return send(response, path.join(root, 'harness/page/index.html'));
  const file = fileFor(url.pathname, site.files);
  if (file === null) return plain(response, 404, 'Not found.');
  return send(response, file);
}

const formPath = (table: string, id: string): string =>
  `/main.aspx?etn=${encodeURIComponent(table)}&id=${encodeURIComponent(id)}&pagetype=entityrecord`;

/** The package's folder: two levels up when compiled, one when run from the sources. */
const root = packageRoot(path.dirname(fileURLToPath(import.meta.url)));

function packageRoot(folder: string): string {
  if (existsSync(path.join(folder, 'RecordHistory', 'ControlManifest.Input.xml'))) return folder;
  const parent = path.dirname(folder);
  if (parent === folder) throw new Error('The folder of the form control was not found.');
  return packageRoot(parent);
}

function findFiles(): Record<string, string> {
  const platform = path.join(
    path.dirname(createRequire(import.meta.url).resolve('pcf-start/package.json')),
    'lib',
  );
  const control = path.join(root, 'out/controls/RecordHistory');
  return {
    '/platform/react.js': path.join(platform, 'react_16_14_0.js'),
    '/platform/fluent.js': path.join(platform, 'fluent_9_4_0.js'),
    '/control/bundle.js': path.join(control, 'bundle.js'),
    '/control/strings/1033.resx': path.join(control, 'strings/RecordHistory.1033.resx'),
    '/control/strings/1031.resx': path.join(control, 'strings/RecordHistory.1031.resx'),
    '/page.css': path.join(root, 'harness/page/page.css'),
    '/page/main.js': path.join(root, 'dist/harness/page/main.js'),
  };
}

function fileFor(pathname: string, files: Record<string, string>): string | null {
  const known = files[pathname];
  if (known !== undefined) return known;
  const script = /^\/page\/([a-z-]+\.js)$/.exec(pathname)?.[1];
  if (script === undefined) return null;
  const file = path.join(root, 'dist/harness/page', script);
  return existsSync(file) ? file : null;
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.resx': 'text/xml; charset=utf-8',
};

/** As strict as the real host: scripts and connections only to itself. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  // As on the real host: Fluent's style engine puts its rules into style elements.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

function send(response: ServerResponse, file: string): void {
  response.writeHead(200, {
    'content-type': types[path.extname(file)] ?? 'application/octet-stream',
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-cache',
  });
  createReadStream(file).pipe(response);
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  plain(response, 502, error instanceof Error ? error.message : String(error));
}

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });

const close = (server: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
