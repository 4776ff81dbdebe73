export { startRequests, type Requests, type RequestsOptions } from './requests.ts';
