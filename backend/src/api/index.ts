export { authenticateWith, type Authenticate, type Principal, type TokenRules } from './authenticate.ts';
export { type Backups, type ServedEnvironment, type ServedEnvironments } from './environments.ts';
export { createHandlers } from './handlers.ts';
export { createApp, listen, type RequestLog, type RunningApi } from './server.ts';
