export type { Finding, FindingCode } from './finding.ts';
export type { CheckedState } from './states.ts';
export { verifyVault, type VerifyOptions, type VerifyProgress, type VerifyReport } from './verify.ts';
