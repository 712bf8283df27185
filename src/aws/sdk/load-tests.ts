import type {
  CreateInferenceRecommendationsJobCommandInput,
  DescribeInferenceRecommendationsJobCommandOutput,
  ProductionVariantInstanceType,
} from '@aws-sdk/client-sagemaker';
import { errorKind } from '../errors.ts';
import type { LoadTestMetrics, LoadTestSpec, LoadTests, LoadTestState } from '../types.ts';
import { optionalText, requiredText, withAwsErrors, withAwsErrorsOr } from './call.ts';
import type { SageMaker } from './clients.ts';
import { type Logs, logTail } from './jobs.ts';

/** Where Inference Recommender writes what the containers of its endpoints print; streams begin with the job's name. */
const LOG_GROUP = '/aws/sagemaker/InferenceRecommendationsJobs';

/** Load tests of one AWS region, by SageMaker Inference Recommender. */
export function createLoadTests(sageMaker: SageMaker, logs: Logs): LoadTests {
  return {
    async start(spec) {
      const { sdk, client } = await sageMaker();
      return withAwsErrorsOr(
        { doing: `start the load test ${spec.name}`, when: ['already-exists'], answer: 'exists' as const },
        async () => {
          const answer = await client.send(new sdk.CreateInferenceRecommendationsJobCommand(requestOf(spec)));
          requiredText(answer.JobArn, 'JobArn');
          return 'started' as const;
        },
      );
    },
    async describe(name) {
      const { sdk, client } = await sageMaker();
      return withAwsErrorsOr(
        { doing: `describe the load test ${name}`, when: ['not-found'], answer: undefined },
        async () => stateOf(await client.send(new sdk.DescribeInferenceRecommendationsJobCommand({ JobName: name }))),
      );
    },
    async stop(name) {
      const { sdk, client } = await sageMaker();
      await withAwsErrors(`stop the load test ${name}`, async () => {
        try {
          await client.send(new sdk.StopInferenceRecommendationsJobCommand({ JobName: name }));
        } catch (thrown) {
          // A job that has ended cannot be stopped, which is what was wanted.
          if (!['invalid', 'not-found'].includes(errorKind(thrown))) throw thrown;
        }
      });
    },
    logTail: (name, lines) =>
      logTail(logs, { group: LOG_GROUP, prefix: `${name}/`, lines }).catch((thrown: unknown) => {
        // The group is made with the first endpoint.
        if (errorKind(thrown instanceof Error ? (thrown.cause ?? thrown) : thrown) === 'not-found') return [];
        throw thrown;
      }),
  };
}

function requestOf(spec: LoadTestSpec): CreateInferenceRecommendationsJobCommandInput {
  return {
    JobName: spec.name,
    JobType: 'Advanced',
    JobDescription: spec.description,
    RoleArn: spec.roleArn,
    InputConfig: {
      ModelPackageVersionArn: spec.packageArn,
      JobDurationInSeconds: spec.jobDurationSeconds,
      TrafficPattern: {
        TrafficType: 'PHASES',
        Phases: [
          {
            InitialNumberOfUsers: spec.initialUsers,
            SpawnRate: spec.spawnRate,
            DurationInSeconds: spec.durationSeconds,
          },
        ],
      },
      ResourceLimit: { MaxNumberOfTests: 1, MaxParallelOfTests: 1 },
      EndpointConfigurations: [{ InstanceType: spec.instanceType as ProductionVariantInstanceType }],
      ...(spec.kmsKey === undefined ? {} : { VolumeKmsKeyId: spec.kmsKey }),
    },
    StoppingConditions: {
      MaxInvocations: spec.maxInvocationsPerMinute,
      ModelLatencyThresholds: [{ Percentile: 'P95', ValueInMilliseconds: spec.maxLatencyMs }],
      FlatInvocations: 'Stop',
    },
  };
}

function stateOf(answer: DescribeInferenceRecommendationsJobCommandOutput): LoadTestState {
  const [recommendation] = answer.InferenceRecommendations ?? [];
  return {
    status: requiredText(answer.Status, 'Status'),
    failureReason: optionalText(answer.FailureReason, 'FailureReason'),
    packageArn: optionalText(answer.InputConfig?.ModelPackageVersionArn, 'ModelPackageVersionArn'),
    metrics: recommendation?.Metrics && metricsOf(recommendation.Metrics),
  };
}

type Metrics = NonNullable<
  NonNullable<DescribeInferenceRecommendationsJobCommandOutput['InferenceRecommendations']>[number]['Metrics']
>;

function metricsOf(metrics: Metrics): LoadTestMetrics {
  return {
    maxInvocationsPerMinute: figure(metrics.MaxInvocations),
    modelLatencyMs: figure(metrics.ModelLatency),
    costPerHourUsd: figure(metrics.CostPerHour),
    costPerInferenceUsd: figure(metrics.CostPerInference),
  };
}

/** "NaN indicates that the value is not available": no comparison with it says anything. */
function figure(value: number | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}
