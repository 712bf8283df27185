#!/usr/bin/env node
// `npm run demo`: the example model to a registered package, by the bundle that a workflow runs, on this machine alone.
// The embedded AWS keeps its state in .demo/, so that a second run finds the registration; `--fresh` forgets it.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const EXAMPLE = join(ROOT, 'examples', 'bsm');
const STATE = join(ROOT, '.demo');
const BUCKET = 'bsm-models-123456789012';
const MODEL_KEY = 'releases/1.3.0/model.tar.gz';
const OUTPUT_FILES = { GITHUB_OUTPUT: 'outputs', GITHUB_STATE: 'state', GITHUB_STEP_SUMMARY: 'summary.md' };

function stop(message) {
  console.error(message);
  process.exit(2);
}

/** The interpreter itself, not a shim; the project's virtual environment first, where PyTorch may be. */
function findPython() {
  for (const name of [join(ROOT, '.venv', 'bin', 'python'), 'python3', 'python']) {
    const found = spawnSync(name, ['-c', 'import sys; assert sys.version_info >= (3, 8); print(sys.executable)'], {
      encoding: 'utf8',
    });
    if (found.status === 0) return found.stdout.trim();
  }
  return stop('Python 3.8 or newer is needed (python3 or python on the PATH): the packaging job runs it.');
}

function checkMachine() {
  const [major] = process.versions.node.split('.').map(Number);
  if (major < 20) stop(`Node 20 or newer is needed; this is ${process.version}.`);
  for (const file of ['dist/index.js', 'dist/embedded-aws/index.js']) {
    if (!existsSync(join(ROOT, file)))
      stop(`${file} is missing. Check out the repository whole, or run npm run build.`);
  }
  if (!existsSync(join(ROOT, 'node_modules', '@aws-sdk', 'client-s3'))) stop('Run npm ci first.');
}

/** Nothing of the caller's AWS, GitHub or proxy settings comes in: a real account cannot be reached. */
function cleanEnvironment(url) {
  const empty = join(STATE, 'empty');
  writeFileSync(empty, '');
  return {
    PATH: process.env.PATH ?? '',
    HOME: STATE,
    RUNNER_TEMP: join(STATE, 'temp'),
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'AKIADEMODEMODEMODEMO',
    AWS_SECRET_ACCESS_KEY: 'demo',
    AWS_REGION: 'us-east-1',
    AWS_CONFIG_FILE: empty,
    AWS_SHARED_CREDENTIALS_FILE: empty,
    AWS_EC2_METADATA_DISABLED: 'true',
    NO_PROXY: '127.0.0.1',
  };
}

/** Resolves with the child and its address as soon as it listens. */
function startEmbeddedAws(python) {
  const args = ['--stdin', '--state-folder', join(STATE, 'aws'), '--bucket', BUCKET, '--python', python];
  const child = spawn(process.execPath, ['--no-warnings', join(ROOT, 'dist', 'embedded-aws', 'index.js'), ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: STATE },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return new Promise((resolve) => {
    child.once('exit', (code) => stop(`The embedded AWS ended with ${code}; npm run demo -- --fresh starts anew.`));
    createInterface({ input: child.stdout }).once('line', (line) => {
      child.removeAllListeners('exit');
      resolve({ child, url: JSON.parse(line).url });
    });
  });
}

/** Puts the example's archive into S3, unless the very same is there. */
async function uploadModel(environment) {
  for (const [name, value] of Object.entries(environment)) if (name.startsWith('AWS_')) process.env[name] = value;
  const { S3Client, HeadObjectCommand, PutObjectCommand } = await import('@aws-sdk/client-s3');
  const s3 = new S3Client({ region: 'us-east-1' });
  const body = readFileSync(join(EXAMPLE, 'model.tar.gz'));
  const target = { Bucket: BUCKET, Key: MODEL_KEY };
  const present = await s3.send(new HeadObjectCommand(target)).catch(() => undefined);
  const digest = createHash('md5').update(body).digest('hex');
  if (present?.ETag !== `"${digest}"`) await s3.send(new PutObjectCommand({ ...target, Body: body }));
}

function runAction(environment) {
  const files = Object.fromEntries(Object.entries(OUTPUT_FILES).map(([name, file]) => [name, join(STATE, file)]));
  for (const path of Object.values(files)) writeFileSync(path, '');
  const inputs = {
    'INPUT_CONFIG-PATH': 'config.json',
    'INPUT_MODEL-S3-PATH': `s3://${BUCKET}/${MODEL_KEY}`,
    'INPUT_WORKING-DIRECTORY': 'examples/bsm',
  };
  const child = spawn(process.execPath, ['--no-warnings', join(ROOT, 'dist', 'index.js')], {
    env: { ...environment, ...files, ...inputs, GITHUB_WORKSPACE: ROOT },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    // Debug commands and the like are for the runner, which shows them only when asked to.
    if (!line.startsWith('::debug::')) console.log(`  ${line}`);
  });
  process.on('SIGINT', () => undefined);
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
}

function readOutputs() {
  const text = readFileSync(join(STATE, OUTPUT_FILES.GITHUB_OUTPUT), 'utf8');
  const found = [...text.matchAll(/^([\w-]+)<<(\S+)\n([\s\S]*?)\n?\2$/gm)];
  return Object.fromEntries(found.map(([, name, , value]) => [name, value.trimEnd()]));
}

function tellEnd(code, outputs) {
  const width = Math.max(...Object.keys(outputs).map((name) => name.length));
  console.log('\nOutputs');
  for (const [name, value] of Object.entries(outputs))
    if (value !== '') console.log(`  ${name.padEnd(width)}  ${value}`);
  console.log(`\nJob summary: ${relative(process.cwd(), join(STATE, OUTPUT_FILES.GITHUB_STEP_SUMMARY))}`);
  if (code !== 0) console.log('The deployment failed; the lines above say why.');
  else if (outputs.status === 'reused') {
    console.log('This model is registered already with the same code and configuration: nothing was started.');
    console.log('npm run demo -- --fresh forgets that and deploys anew.');
  } else
    console.log('The model is registered. Run it again: the second run finds the registration and starts nothing.');
}

checkMachine();
if (process.argv.includes('--fresh')) rmSync(STATE, { recursive: true, force: true });
mkdirSync(join(STATE, 'temp'), { recursive: true });
const python = findPython();
console.log(`Embedded AWS on this machine, jobs run by ${python}; state in ${relative(process.cwd(), STATE)}/\n`);
const { child, url } = await startEmbeddedAws(python);
const environment = cleanEnvironment(url);
await uploadModel(environment);
const code = await runAction(environment);
tellEnd(code, readOutputs());
// Its standard input is the leash: the embedded AWS ends when it closes.
child.stdin.end();
await new Promise((resolve) => child.once('close', resolve));
process.exit(code);
