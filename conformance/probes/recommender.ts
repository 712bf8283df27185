/** SageMaker Inference Recommender, which load-tests a package on endpoints of its own. */
import {
  CreateInferenceRecommendationsJobCommand,
  DescribeInferenceRecommendationsJobCommand,
  StopInferenceRecommendationsJobCommand,
} from '@aws-sdk/client-sagemaker';
import type { Account } from '../account.ts';
import { modelArchive } from '../fixtures.ts';
import { attempt, type Outcome, outcomeOf, worded } from '../outcome.ts';
import { oneOf, type Probe } from '../probe.ts';
import { register } from './registry.ts';

const DESCRIBE = ['sagemaker:DescribeInferenceRecommendationsJob'];
const CREATE = ['sagemaker:CreateInferenceRecommendationsJob'];

/** Names of jobs have 64 characters at most. */
const jobName = (account: Account, what: string) => account.nameOf(what).slice(0, 64);

/** A job that should never get far: whatever is accepted is stopped at once, before its endpoint is up. */
async function tryRecommend(account: Account, what: string, packageArn: string): Promise<Outcome<unknown>> {
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
            Phases: [{ InitialNumberOfUsers: 1, SpawnRate: 1, DurationInSeconds: 120 }],
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
    question: 'How does DescribeInferenceRecommendationsJob say that there is none?',
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
      return worded(await tryRecommend(account, 'of-missing', arn.replace(/\d+$/, '999999')), /./);
    },
    judge: oneOf({ outcome: 'ValidationException' }, { outcome: 'ResourceNotFound' }),
  },
  {
    id: 'recommendation-demands',
    question: 'What must a package hold to be load-tested: domain, task, sample payload?',
    matters: 'Our packages are given what it demands when they are registered.',
    assumed: 'One without them is refused with ValidationException; one with Task OTHER and a payload is accepted.',
    source: 'answers: inference-recommender',
    needs: ['load-test'],
    calls: CREATE,
    async ask(account) {
      const bare = await tryRecommend(account, 'bare', await register(account, 'bare'));
      const full = await tryRecommend(account, 'full', await loadable(account));
      const said = [bare, full].map((outcome) => (outcome.ok ? null : outcome.said));
      return { bare: outcomeOf(bare), full: outcomeOf(full), said };
    },
    judge: oneOf({ bare: 'ValidationException', full: 'accepted' }),
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
      const arn = await loadable(account);
      const first = await tryRecommend(account, 'named', arn);
      if (!first.ok) return { outcome: `the first one: ${first.code}`, said: first.said };
      return worded(await tryRecommend(account, 'named', arn), /./);
    },
    judge: oneOf({ outcome: 'ResourceInUse' }),
  },
];
