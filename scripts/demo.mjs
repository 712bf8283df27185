#!/usr/bin/env node
// `npm run demo`: the example model to a registered package, by the bundle that a workflow runs, on this machine alone.
// The embedded AWS keeps its state in .demo/, so that a second run finds the registration; `--fresh` forgets it.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const STATE = join(ROOT, '.demo');
const BUCKET = 'bsm-models-123456789012';
const MODEL_KEY = 'releases/1.3.0/model.tar.gz';
const FILES = { GITHUB_OUTPUT: 'outputs', GITHUB_STATE: 'state', GITHUB_STEP_SUMMARY: 'summary.md' };
const INPUTS = {
  'INPUT_CONFIG-PATH': 'config.json',
  'INPUT_MODEL-S3-PATH': `s3://${BUCKET}/${MODEL_KEY}`,
  'INPUT_WORKING-DIRECTORY': 'examples/bsm',
};
const CREDENTIALS = { accessKeyId: 'AKIADEMODEMODEMODEMO', secretAccessKey: 'demo' };

const inState = (name) => join(STATE, name);
const shown = (path) => relative(process.cwd(), path) || '.';

function stop(message) {
  console.error(message);
  process.exit(2);
}

function readArguments(args) {
  const unknown = args.filter((argument) => argument !== '--fresh');
  if (unknown.length > 0) stop(`Unknown: ${unknown.join(' ')}. npm run demo takes -- --fresh (forget earlier runs).`);
  return { fresh: args.includes('--fresh') };
}

function checkMachine() {
  const [major] = process.versions.node.split('.').map(Number);
  if (major < 20) stop(`Node 20.15 or newer is needed; this is ${process.version}.`);
  for (const file of ['dist/index.js', 'dist/embedded-aws/index.js']) {
    if (!existsSync(join(ROOT, file)))
      stop(`${file} is missing. Check out the repository whole, or run npm ci && npm run bundle.`);
  }
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

/** Nothing of the caller's AWS, GitHub or proxy settings comes in: a real account cannot be reached. */
function cleanEnvironment(url) {
  const empty = inState('empty');
  writeFileSync(empty, '');
  return {
    PATH: process.env.PATH ?? '',
    HOME: STATE,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: ROOT,
    RUNNER_TEMP: inState('temp'),
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_REGION: 'us-east-1',
    AWS_CONFIG_FILE: empty,
    AWS_SHARED_CREDENTIALS_FILE: empty,
    AWS_EC2_METADATA_DISABLED: 'true',
    NO_PROXY: '127.0.0.1',
  };
}

/** Resolves with the child and its address as soon as it listens. Ctrl-C does not reach it: it ends with its input. */
function startEmbeddedAws(python) {
  const args = ['--stdin', '--state-folder', inState('aws'), '--bucket', BUCKET, '--python', python];
  const child = spawn(process.execPath, ['--no-warnings', join(ROOT, 'dist', 'embedded-aws', 'index.js'), ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: STATE },
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  return new Promise((resolve) => {
    const ended = () => stop('The embedded AWS did not start. If its state is damaged: npm run demo -- --fresh');
    child.once('exit', ended);
    createInterface({ input: child.stdout }).once('line', (line) => {
      child.off('exit', ended);
      resolve({ child, url: JSON.parse(line).url });
    });
  });
}

/** The embedded S3 wants to know who asks in which region; it verifies no signature. So nothing has to be installed. */
function headersOf(now) {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${CREDENTIALS.accessKeyId}/${time.slice(0, 8)}/us-east-1/s3/aws4_request`;
  return {
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=demo`,
    'x-amz-date': time,
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
  };
}

/** Puts the example's archive into S3, unless the very same is there. */
async function uploadModel(url) {
  const address = `${url}/${BUCKET}/${MODEL_KEY}`;
  const body = readFileSync(join(ROOT, 'examples', 'bsm', 'model.tar.gz'));
  const headers = headersOf(new Date());
  const present = await requestTo(address, { method: 'HEAD', headers });
  const digest = createHash('md5').update(body).digest('hex');
  if (present.headers.etag === `"${digest}"`) return;
  const put = await requestTo(address, { method: 'PUT', headers: { ...headers, 'content-length': body.length } }, body);
  if (put.statusCode !== 200) stop(`The embedded S3 did not take the model (${put.statusCode}).`);
}

/** By node:http, which asks no proxy of the caller. */
function requestTo(address, options, body) {
  return new Promise((resolve, reject) => {
    const sent = request(address, options, (answer) => answer.resume().on('end', () => resolve(answer)));
    sent.on('error', reject).end(body);
  });
}

/** A line as the log of a workflow shows it: workflow commands are for the runner. The outputs are shown at the end. */
let inOutputs = false;
function showLine(line) {
  if (/^::(?:group::Outputs|endgroup::)$/.test(line)) inOutputs = line === '::group::Outputs';
  if (inOutputs) return;
  const [, command = '', data = ''] = /^::(\w[\w-]*)(?: [^:]*(?::(?!:)[^:]*)*)?::(.*)$/.exec(line) ?? [
    undefined,
    '',
    line,
  ];
  if (['debug', 'endgroup', 'add-mask'].includes(command)) return;
  const label = { error: 'Error: ', warning: 'Warning: ', notice: 'Notice: ' }[command] ?? '';
  const text = command === '' ? data : data.replaceAll('%0A', '\n').replaceAll('%0D', '').replaceAll('%25', '%');
  for (const part of `${label}${text}`.split('\n')) console.log(`  ${part}`);
}

/** Starts one step of the bundle, main or post. Ctrl-C does not reach it by itself. */
function startStep(environment) {
  const node = process.env.BSM_NODE24 || process.execPath;
  const child = spawn(node, ['--no-warnings', join(ROOT, 'dist', 'index.js')], {
    cwd: ROOT,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  createInterface({ input: child.stdout }).on('line', showLine);
  return { child, ended: new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1))) };
}

/** Main, then post with the state that main left, as the runner does; resolves with the exit code of main. */
async function runAction(environment) {
  const files = Object.fromEntries(Object.entries(FILES).map(([name, file]) => [name, inState(file)]));
  for (const path of Object.values(files)) writeFileSync(path, '');
  const variables = { ...environment, ...files, ...INPUTS };
  const main = startStep(variables);
  const signals = ['SIGINT', 'SIGTERM'];
  // As GitHub cancels: first a request, then a firmer one.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => main.child.kill(signals.shift()));
  const code = await main.ended;
  const state = Object.entries(readValues(FILES.GITHUB_STATE)).map(([name, value]) => [`STATE_${name}`, value]);
  await startStep({ ...variables, ...Object.fromEntries(state) }).ended;
  return code;
}

function readValues(file) {
  const found = readFileSync(inState(file), 'utf8').matchAll(/^([\w-]+)<<(\S+)\n([\s\S]*?)\n?^\2$/gm);
  return Object.fromEntries([...found].map(([, name, , value]) => [name, value]));
}

function showOutputs(outputs) {
  const given = Object.entries(outputs).filter(([, value]) => value !== '');
  const width = Math.max(...given.map(([name]) => name.length));
  console.log('\nOutputs');
  for (const [name, value] of given) console.log(`  ${name.padEnd(width)}  ${value}`);
  console.log(`\nJob summary: ${shown(inState(FILES.GITHUB_STEP_SUMMARY))}`);
}

const FOUND = `\
This model is registered already with the same code and configuration, so nothing was packaged and nothing started.
npm run demo -- --fresh forgets that and deploys anew.`;
const REGISTERED = `\
The example model was packaged with its inference code and registered, by the same bundle that a workflow runs.
Run it again: the second run finds the registration and starts nothing.`;
const ENDINGS = {
  reused: FOUND,
  succeeded: REGISTERED,
  cancelled: 'You cancelled it: the pipeline execution was stopped and nothing was registered. Run it again to deploy.',
};

const { fresh } = readArguments(process.argv.slice(2));
checkMachine();
const python = findPython();
if (fresh) rmSync(STATE, { recursive: true, force: true });
mkdirSync(inState('temp'), { recursive: true });
console.log(`Embedded AWS on this machine, jobs run by ${python}; state in ${shown(STATE)}/\n`);
const { child, url } = await startEmbeddedAws(python);
const environment = cleanEnvironment(url);
await uploadModel(url);
const code = await runAction(environment);
const outputs = readValues(FILES.GITHUB_OUTPUT);
showOutputs(outputs);
console.log(ENDINGS[outputs.status] ?? 'The deployment failed; the lines above say why.');
// Its standard input is the leash: the embedded AWS ends when it closes.
child.stdin.end();
await new Promise((resolve) => child.once('close', resolve));
process.exit(code);
