/** SageMaker Inference Recommender, which load-tests a package on endpoints of its own. */
import {
  CreateInferenceRecommendationsJobCommand,
  DescribeInferenceRecommendationsJobCommand,
  StopInferenceRecommendationsJobCommand,
} from '@aws-sdk/client-sagemaker';
import type { Account } from '../account.ts';
import { modelArchive } from '../fixtures.ts';
import { attempt, needed, type Outcome, outcomeOf, worded } from '../outcome.ts';
import { oneOf, type Probe } from '../probe.ts';
import { register } from './registry.ts';

const DESCRIBE = ['sagemaker:DescribeInferenceRecommendationsJob'];
const STOP = ['sagemaker:StopInferenceRecommendationsJob'];
const CREATE = ['sagemaker:CreateInferenceRecommendationsJob'];

/** Names of jobs have 64 characters at most. */
const jobName = (account: Account, what: string) => account.nameOf(what).slice(0, 64);

/** A job that should never get far: whatever is accepted is stopped at once, before its endpoint is up. */
async function tryRecommend(
  account: Account,
  what: string,
  { packageArn, newUsers = 3 }: { readonly packageArn: string; readonly newUsers?: number },
): Promise<Outcome<unknown>> {
  const JobName = jobName(account, what);
  const outcome = await attempt(
    account.sagemaker.send(
      new CreateInferenceRecommendationsJobCommand({
        JobName,
        JobType: 'Advanced',
        RoleArn: account.options.role,
        InputConfig: {
          ModelPackageVersionArn: packageArn,
          JobDurationInSeconds: 600,
          TrafficPattern: {
            TrafficType: 'PHASES',
            Phases: [{ InitialNumberOfUsers: 3, SpawnRate: newUsers, DurationInSeconds: 120 }],
          },
          ResourceLimit: { MaxNumberOfTests: 1, MaxParallelOfTests: 1 },
          EndpointConfigurations: [{ InstanceType: 'ml.m5.large' }],
        },
        StoppingConditions: {
          MaxInvocations: 120,
          ModelLatencyThresholds: [{ Percentile: 'P95', ValueInMilliseconds: 800 }],
        },
      }),
    ),
  );
  if (outcome.ok) await attempt(account.sagemaker.send(new StopInferenceRecommendationsJobCommand({ JobName })));
  return outcome;
}

/** The one load test that is accepted, and stopped; the probes that need one share it. */
function stoppedTest(account: Account): Promise<Outcome<unknown>> {
  return account.once('load test', async () => tryRecommend(account, 'full', { packageArn: await loadable(account) }));
}

/** An endpoint that is being made is taken down again first: that takes minutes. */
async function testHasEnded(account: Account, JobName: string): Promise<boolean> {
  for (let waitedMs = 0; waitedMs <= LONGEST_STOP_MS; waitedMs += account.pollMs) {
    const { Status } = await account.sagemaker.send(new DescribeInferenceRecommendationsJobCommand({ JobName }));
    if (Status === 'STOPPED' || Status === 'FAILED' || Status === 'COMPLETED') return true;
    await account.pause();
  }
  return false;
}

const LONGEST_STOP_MS = 30 * 60_000;

async function loadable(account: Account): Promise<string> {
  return await account.once('loadable package', async () =>
    register(account, 'loadable', {
      Domain: 'MACHINE_LEARNING',
      Task: 'OTHER',
      SamplePayloadUrl: await modelArchive(account),
    }),
  );
}

export const recommender: readonly Probe[] = [
  {
    id: 'missing-recommendation',
    question: 'How does DescribeInferenceRecommendationsJob say that there is no such load test?',
    matters: 'The name is the identity of a load test; one that is not there is started.',
    assumed: 'ResourceNotFound.',
    source: 'answers: inference-recommender',
    calls: DESCRIBE,
    async ask(account) {
      const command = new DescribeInferenceRecommendationsJobCommand({ JobName: jobName(account, 'none') });
      return worded(await attempt(account.sagemaker.send(command)), /./);
    },
    judge: oneOf({ outcome: 'ResourceNotFound' }),
  },
  {
    id: 'recommendation-of-missing-package',
    question: 'Is a load test of a package refused that is not there?',
    matters: 'A test that cannot begin must be told by the call, not after minutes.',
    assumed: 'ValidationException or ResourceNotFound.',
    source: 'answers: inference-recommender',
    calls: CREATE,
    async ask(account) {
      const arn = await register(account, 'unmeasured');
      return worded(await tryRecommend(account, 'of-missing', { packageArn: arn.replace(/\d+$/, '999999') }), /./);
    },
    judge: oneOf({ outcome: 'ValidationException' }, { outcome: 'ResourceNotFound' }),
  },
  {
    id: 'recommendation-demands',
    question: 'What must a package hold to be load-tested: domain, task, sample payload?',
    matters: 'Our packages are given what it demands when they are registered.',
    assumed: 'One with none of them is refused with ValidationException; one with all (Task OTHER) is accepted.',
    source: 'answers: inference-recommender',
    needs: ['load-test'],
    calls: CREATE,
    async ask(account) {
      const bare = await tryRecommend(account, 'bare', { packageArn: await register(account, 'bare') });
      const SamplePayloadUrl = await modelArchive(account);
      const packageArn = await register(account, 'payload', { SamplePayloadUrl });
      const payload = await tryRecommend(account, 'payload', { packageArn });
      const full = await stoppedTest(account);
      return {
        'none of them': outcomeOf(bare),
        'a payload only': outcomeOf(payload),
        'all of them': outcomeOf(full),
        said: [bare, payload, full].map((outcome) => (outcome.ok ? null : outcome.said)),
      };
    },
    judge: oneOf({ 'none of them': 'ValidationException', 'all of them': 'accepted' }),
  },
  {
    id: 'recommendation-traffic',
    question: 'How many users may a load test begin with, and how many more may come each minute?',
    matters: 'What a test can show ends with the users that it has; one that asks for too many would not begin.',
    assumed: '3 at first and 3 more a minute are accepted; more is not asked for, whether or not it is refused.',
    source: 'answers: inference-recommender',
    needs: ['load-test'],
    calls: CREATE,
    async ask(account) {
      const most = await stoppedTest(account);
      const above = await tryRecommend(account, 'faster', { packageArn: await loadable(account), newUsers: 4 });
      const said = [most, above].map((outcome) => (outcome.ok ? null : outcome.said));
      return { '3 a minute': outcomeOf(most), '4 a minute': outcomeOf(above), said };
    },
    judge: oneOf({ '3 a minute': 'accepted' }),
  },
  {
    id: 'stop-missing-recommendation',
    question: 'How is a stop of a load test answered that is not there?',
    matters: 'A cancelled job stops what it may not have started yet; that must not be told as an error.',
    assumed: 'ResourceNotFound or ValidationException.',
    source: 'answers: inference-recommender',
    calls: STOP,
    async ask(account) {
      const command = new StopInferenceRecommendationsJobCommand({ JobName: jobName(account, 'never-made') });
      return worded(await attempt(account.sagemaker.send(command)), /./);
    },
    judge: oneOf({ outcome: 'ResourceNotFound' }, { outcome: 'ValidationException' }),
  },
  {
    id: 'stop-ended-recommendation',
    question: 'How is a stop of a load test answered that has ended?',
    matters: 'A cancelled job stops what may have ended meanwhile; that must not be told as an error.',
    assumed: 'It is accepted, or refused with ValidationException or ResourceNotFound.',
    source: 'answers: inference-recommender',
    needs: ['load-test'],
    calls: [...STOP, ...DESCRIBE],
    async ask(account) {
      needed(await stoppedTest(account));
      const JobName = jobName(account, 'full');
      if (!(await testHasEnded(account, JobName))) throw new Error(`The load test ${JobName} has not ended in time.`);
      return worded(
        await attempt(account.sagemaker.send(new StopInferenceRecommendationsJobCommand({ JobName }))),
        /./,
      );
    },
    judge: oneOf({ outcome: 'accepted' }, { outcome: 'ValidationException' }, { outcome: 'ResourceNotFound' }),
  },
  {
    id: 'recommendation-name',
    question: 'Is a second load test of the same name refused?',
    matters: 'There is no request token: the name keeps a repeated call from starting a second test.',
    assumed: 'ResourceInUse.',
    source: 'answers: inference-recommender',
    needs: ['load-test'],
    calls: CREATE,
    async ask(account) {
      const packageArn = await loadable(account);
      const first = await stoppedTest(account);
      if (!first.ok) return { outcome: `the first one: ${first.code}`, said: first.said };
      return worded(await tryRecommend(account, 'full', { packageArn }), /./);
    },
    judge: oneOf({ outcome: 'ResourceInUse' }),
  },
];
