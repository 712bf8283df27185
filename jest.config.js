// Tests run on what tsc wrote (lib/), so one way serves Node 20 and 24; inline source maps point stacks at the sources.
export default {
  testMatch: ['<rootDir>/lib/__tests__/**/*.test.js'],
  transform: {},
  snapshotResolver: './jest.snapshots.cjs',
  testEnvironment: 'node',
  testTimeout: 60_000,
};
