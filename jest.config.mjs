const swc = [
  '@swc/jest',
  { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
];
const node = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': swc },
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/out/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/out/'],
};
export default {
  testTimeout: 60_000,
  // Much of a test's time is spent in other processes: each core gets one.
  maxWorkers: '100%',
  projects: [
    { displayName: 'backend', rootDir: 'backend', ...node },
    { displayName: 'simulator', rootDir: 'simulator', ...node },
    { displayName: 'connector', rootDir: 'connector', ...node },
    { displayName: 'solution', rootDir: 'solution', ...node },
    '<rootDir>/pcf-control',
  ],
};
