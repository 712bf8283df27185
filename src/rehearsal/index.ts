import { existsSync, rmSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { createAws } from '../aws/sdk/index.ts';
import type { Environment } from '../core/context.ts';
import { DeployError, stackOf } from '../core/errors.ts';
import type { Runner } from '../core/runner.ts';
import { accountOf } from '../inspect/index.ts';
import { guardedPaths } from './guarded-files.ts';
import { collectResources, provide, provideGroup, rehearsalBuckets } from './resources.ts';
import { findPython, runnerChecks } from './runner-checks.ts';
import type { UserIds } from './sandbox.ts';
import { applyChanges, rehearsalChanges, startServer } from './server.ts';
import type { RehearsalSources, Target, TargetRequest } from './target.ts';

/**
 * A target on this machine: an embedded AWS with the buckets, the model and the sources that the run needs. The run itself
 * is the same program; it reaches it by AWS_ENDPOINT_URL, as it would any other.
 */
export async function openRehearsal(request: TargetRequest, sources: RehearsalSources): Promise<Target> {
  const folder = await mkdtemp(join(sources.tempFolder, 'rehearsal-'));
  // A second Ctrl-C ends the process at once.
  const atExit = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', atExit);
  const undo: (() => Promise<void>)[] = [
    async () => {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
      process.off('exit', atExit);
    },
  ];
  const close = async (): Promise<void> => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) {
      // The run is over: what cannot be tidied up must not become its end, nor keep the rest from being.
      await step().catch((thrown: unknown) => sources.runner.debug(`Tidying up: ${stackOf(thrown)}`));
    }
  };
  try {
    return { ...(await prepareTarget(request, { folder, undo }, sources)), close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

interface OpenResources {
  readonly folder: string;
  /** What has to be undone, last things first. */
  readonly undo: (() => Promise<void>)[];
}

async function prepareTarget(
  request: TargetRequest,
  { folder, undo }: OpenResources,
  sources: RehearsalSources,
): Promise<Omit<Target, 'close'>> {
  const { environment, runner } = sources;
  const searchPath = environment['PATH'] ?? '';
  const accountId = accountOf(request.request.roleArn);
  const [python, resources] = await Promise.all([
    findPython(searchPath),
    collectResources(request, { ...sources, folder }),
  ]);
  const entry = embeddedAws(sources.programFolder);
  const needed = [entry, folder, process.execPath, ...(python === undefined ? [] : [python.path])];
  const server = await startServer({
    entry,
    accountId,
    buckets: rehearsalBuckets(request, accountId),
    python: python?.path,
    searchPath,
    folder,
    guarded: guardedPaths(environment, sources.here, needed),
    mayAskRoot: environment['GITHUB_ACTIONS'] === 'true',
    otherUser: otherUser(environment, sources.here),
    onDeath: (message) => runner.annotate('error', { title: 'rehearsal-failed', message }),
  });
  undo.push(() => server.close());
  // Not a file of the folder, where jobs can write.
  const changes = rehearsalChanges(environment, { url: server.url, emptyFile: devNull });
  const before = applyChanges(environment, changes);
  undo.push(async () => {
    applyChanges(environment, before);
  });
  // Its clients are made only now: they read the environment as it is when they are.
  const aws = createAws();
  await provide(resources, aws, runner);
  await provideGroup(request.config, sources.nowMs());
  runner.info('Rehearsal    on this machine, against an embedded AWS; nothing of it exists in an account');
  const checks = runnerChecks({ python, sandbox: server.sandbox }, request);
  return { aws, runner: forgetful(runner), rehearsal: true, checks };
}

/** The executable of the embedded AWS: a bundle of its own beside ours, or what tsc wrote beside the sources. */
function embeddedAws(programFolder: string): string {
  const places = ['embedded-aws', '../embedded-aws', '../dist/embedded-aws'].map((place) =>
    join(programFolder, place, 'index.js'),
  );
  const found = places.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new DeployError('rehearsal-failed', `The embedded AWS is not in ${places.join(', nor in ')}.`, {
    advice: 'Use the action as it is published: dist/embedded-aws belongs to it.',
  });
}

/** Whom root can become: who called sudo, or else whose folder we are in. */
function otherUser(environment: Environment, here: string): UserIds | undefined {
  const [uid, gid] = [Number(environment['SUDO_UID'] ?? '0'), Number(environment['SUDO_GID'] ?? '0')];
  if (Number.isInteger(uid) && uid > 0) return { uid, gid };
  const owner = statSync(here);
  return owner.uid === 0 ? undefined : { uid: owner.uid, gid: owner.gid };
}

/** post has nothing to stop in an account. */
function forgetful(runner: Runner): Runner {
  return { ...runner, saveState: () => undefined };
}
