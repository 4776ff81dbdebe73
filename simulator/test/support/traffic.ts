import { importSolution } from '../../src/data/index.ts';
import { createSite, keyPair, localFetch, type Site } from '../../src/http/index.ts';
import { sequentialIds } from '../../src/model/guid.ts';
import { createEnvironment } from '../../src/service/index.ts';
import type { Switches } from '../../src/service/switches.ts';
import { DrivenClock, Traffic, type TrafficOptions } from '../../src/traffic/index.ts';
import { demoContents } from './demo.ts';

const START = Date.UTC(2026, 6, 1, 12);
const HOST = 'http://simulator.test';
export const API = `${HOST}/api/data/v9.2/`;

export interface World {
  readonly clock: DrivenClock;
  readonly site: Site;
  readonly traffic: Traffic;
  readonly fetch: typeof fetch;
  /** A token of the service account, or of the user named. */
  token(user?: string): Promise<string>;
  /** A GET or another call below the service root, as the service account; the clock moves while it waits. */
  call(path: string, init?: RequestInit): Promise<Response>;
}

/** The demo environment on a driven clock, reached without sockets. */
export async function startWorld(
  options: TrafficOptions & { readonly switches?: Partial<Switches>; readonly open?: boolean } = {},
): Promise<World> {
  const clock = new DrivenClock(START);
  void keyPair();
  const environment = createEnvironment({
    ...demoContents(),
    identity: { clientSecret: 'secret of the tests' },
    now: clock.now,
    newId: sequentialIds(START),
    importSolution,
    switches: options.switches ?? {},
  });
  const traffic = new Traffic(() => environment.switches, { clock, ...options });
  const site = await createSite(environment, { open: options.open ?? false, traffic });
  const reach = localFetch(site);
  const token = async (user = environment.adminUserId) => {
    const body = JSON.stringify({ user });
    const response = await reach(`${HOST}/_simulator/tokens`, { method: 'POST', body });
    const { access_token: text } = (await response.json()) as { access_token: string }; // the token endpoint's shape
    return text;
  };
  const own = await token();
  const call = (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${own}`);
    return clock.run(reach(path.startsWith('http') ? path : `${API}${path}`, { ...init, headers }));
  };
  return { clock, site, traffic, fetch: reach, token, call };
}

export async function errorOf(response: Response): Promise<{ code: string; message: string }> {
  const { error } = (await response.json()) as { error: { code: string; message: string } }; // the error body's shape
  return error;
}
