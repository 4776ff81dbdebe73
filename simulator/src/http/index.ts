export { startServer, type RunningSimulator } from './server.ts';
