import * as S from '@rowback/simulator';
import { withBulkTables } from '/work/wt/reading/simulator/dist/src/data/index.js';
import { openClient, tokenSource } from '/work/wt/reading/backend/dist/src/dataverse/index.js';
const t = async (n, f) => { const a = performance.now(); const r = await f(); console.log(n, (performance.now()-a).toFixed(1)); return r; };
const start = Date.UTC(2026,6,2);
const contents = await t('contents', () => withBulkTables(S.demoEnvironment(S.builtInSchema(), {size:1, seed:7, special:true}), [{name:'new_many', rows: 3000, columns: 30}], 7));
for (let i=0;i<3;i++){
const clock = new S.DrivenClock(start);
const env = await t('env', () => S.createEnvironment({...contents, identity:{clientSecret:'x'}, now: clock.now, newId: S.sequentialIds(start), importSolution: S.importSolution}));
const snap = await t('snap', () => env.database.snapshot());
await t('reset', () => env.database.reset(snap));
const traffic = new S.Traffic(() => env.switches, {clock, seed:1, limits:true, latency:1});
const site = await t('site', () => S.createSite(env, {open:false, traffic}));
const fetch = S.localFetch(site);
const c = {now: () => new Date(clock.now()), sleep: clock.sleep};
const url='http://simulator.test';
const {client} = openClient({url, fetch, clock: c, random: {uuid:()=>'', fraction: Math.random}, tokens: tokenSource({credential:{kind:'secret', clientId: env.identity.clientId, clientSecret:'x'}, tenantId: env.identity.tenantId, tokenUrl: `${url}/${env.identity.tenantId}/oauth2/v2.0/token`, url, fetch, clock: c})});
await t('whoami', () => clock.run(client.whoAmI()));
await t('whoami', () => clock.run(client.whoAmI()));
await t('tables', () => clock.run(client.readTables()));
await t('details', () => clock.run(client.readTableDetails(['account','new_many','demo_reading','email','demo_sample'])));
const [a, m] = await clock.run(client.readTableDetails(['account','new_many']));
await t('read', () => clock.run((async()=>{let n=0; for await (const e of client.readAll(m,['new_name'],null,{pageSize:500})) n++; return n})()));
await t('read account', () => clock.run((async()=>{let n=0; for await (const e of client.readAll(a,['name'],null,{pageSize:7})) n++; console.log(n)})()));
}
