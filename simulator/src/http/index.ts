export { keyPair } from './auth/signer.ts';
export { localFetch } from './local-fetch.ts';
export { startServer, type RunningSimulator } from './server.ts';
export { createSite, type Site, type SiteOptions } from './site.ts';
