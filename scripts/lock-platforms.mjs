#!/usr/bin/env node
// Completes package-lock.json with the binaries of other platforms, for use after `npm install` on a machine whose
// registry offers only its own: without them `npm ci` calls the lock incomplete, here and on every other platform.
// Version, system and processor follow from the parent's exact optional dependency and the package's name.
import { readFileSync, writeFileSync } from 'node:fs';

const PATH = new URL('../package-lock.json', import.meta.url);
const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const PROCESSORS = ['arm64', 'arm', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64'];

const lock = JSON.parse(readFileSync(PATH, 'utf8'));
let added = 0;
for (const parent of Object.values({ ...lock.packages })) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    const words = name.split(/[/-]/);
    const os = SYSTEMS.find((system) => words.includes(system));
    const cpu = PROCESSORS.find((processor) => words.includes(processor));
    if (lock.packages[key] !== undefined || os === undefined || cpu === undefined || !/^\d/.test(version)) continue;
    const libc = words.some((word) => word.startsWith('musl'))
      ? ['musl']
      : words.includes('gnu')
        ? ['glibc']
        : undefined;
    const license = parent.license === undefined ? {} : { license: parent.license };
    const own = { version, cpu: [cpu], ...(parent.dev ? { dev: true } : {}), ...(libc ? { libc } : {}) };
    lock.packages[key] = { ...own, ...license, optional: true, os: [os] };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(PATH, `${JSON.stringify(lock, undefined, 2)}\n`);
console.log(`${added} entries added`);
