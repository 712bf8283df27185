// Tests run on what tsc wrote (lib/), so one way serves Node 20 and 24; inline source maps point stacks at the sources.
// `npm test` runs the quick ones, `npm run test:deep` those of *.deep.test.ts: see CONTRIBUTING.md.
export default {
  testMatch: ['<rootDir>/lib/__tests__/**/*.test.js'],
  testPathIgnorePatterns: ['/node_modules/', String.raw`\.deep\.test\.js$`],
  transform: {},
  snapshotResolver: './jest.snapshots.cjs',
  testEnvironment: 'node',
  reporters: ['<rootDir>/lib/scripts/progress-reporter.js', 'summary'],
  // Ends a test that hangs. No test measures anything by it: beside other work all of them take as long as they take.
  testTimeout: 600_000,
  // Of tests that may run side by side: the cells of the fault matrix are two or three processes each.
  maxConcurrency: 2,
};
