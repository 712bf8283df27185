#!/usr/bin/env node
// The command line: what `npx github:org/bsm-pytorch-deploy#v1` starts. dist/ holds everything, nothing is installed.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 15)) {
  console.error(`bsm-pytorch-deploy needs Node 20.15 or newer; this is ${process.version}.`);
  process.exit(2);
}
process.argv.splice(2, 0, 'command-line');
await import('../dist/index.js');
