import config from './jest.config.js';

// The fault matrix, whole deployments in every situation, and what needs a browser, PyTorch or another tool.
export default {
  ...config,
  testMatch: ['<rootDir>/lib/__tests__/**/*.deep.test.js'],
  testPathIgnorePatterns: ['/node_modules/'],
  // They wait for other processes most of the time.
  maxWorkers: '100%',
};
