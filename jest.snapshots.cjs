// Tests run from lib/, which git ignores; their snapshots belong beside the sources.
module.exports = {
  resolveSnapshotPath: (testPath, extension) =>
    testPath.replace('/lib/__tests__/', '/__tests__/').replace(/\/([^/]+)\.js$/, `/__snapshots__/$1${extension}`),
  resolveTestPath: (snapshotPath, extension) =>
    snapshotPath
      .replace('/__tests__/', '/lib/__tests__/')
      .replace('/__snapshots__/', '/')
      .slice(0, -extension.length) + '.js',
  testPathForConsistencyCheck: '/project/lib/__tests__/a/b.test.js',
};
