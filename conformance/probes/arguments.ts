/** What the arguments of steps may hold, asked by creating pipelines that nobody starts. */
import type { Account } from '../account.ts';
import { createPipeline, definition, IMAGE, type JsonObject, modelStep } from '../fixtures.ts';
import { outcomeOf, worded } from '../outcome.ts';
import { oneOf, type Probe } from '../probe.ts';

const CREATE = ['sagemaker:CreatePipeline'];
const REFUSED = 'ValidationException';
const entries = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`NAME_${i}`, 'value']));

/** A processing step that is only looked at: its pipeline is never started. */
function processing(account: Account, more: JsonObject): string {
  const cluster = { InstanceType: 'ml.t3.medium', InstanceCount: 1, VolumeSizeInGB: 10 };
  return definition([
    {
      Name: 'Job',
      Type: 'Processing',
      Arguments: {
        RoleArn: account.options.role,
        AppSpecification: { ImageUri: IMAGE, ContainerEntrypoint: ['python3', '-V'] },
        ProcessingResources: { ClusterConfig: cluster },
        ...more,
      },
    },
  ]);
}

function input(account: Account, index: number): JsonObject {
  const source = { S3Uri: account.uriOf('in/'), LocalPath: `/opt/ml/processing/input/${index}` };
  return { InputName: `in-${index}`, S3Input: { ...source, S3DataType: 'S3Prefix', S3InputMode: 'File' } };
}

export const stepArguments: readonly Probe[] = [
  {
    id: 'processing-inputs',
    question: 'How many inputs may a processing step have?',
    matters: "A step with a team's own inputs is held against the limit before anything is created.",
    assumed: 'Ten; an eleventh is refused when the pipeline is created.',
    source: 'design: 11',
    calls: CREATE,
    async ask(account) {
      const of = (count: number) =>
        processing(account, { ProcessingInputs: Array.from({ length: count }, (_, i) => input(account, i)) });
      const ten = await createPipeline(account, 'inputs-10', of(10));
      const eleven = await createPipeline(account, 'inputs-11', of(11));
      return { '10 inputs': outcomeOf(ten), '11 inputs': outcomeOf(eleven), said: eleven.ok ? null : eleven.said };
    },
    judge: oneOf({ '10 inputs': 'accepted', '11 inputs': REFUSED }),
  },
  {
    id: 'processing-environment',
    question: 'How long may a value in the environment of a processing step be?',
    matters: 'Longer values (a long S3 path) must be refused by us, with the field that they come from.',
    assumed: '256 characters; 257 are refused when the pipeline is created.',
    source: 'design: 11',
    calls: CREATE,
    async ask(account) {
      const of = (length: number) => processing(account, { Environment: { VALUE: 'v'.repeat(length) } });
      const fits = await createPipeline(account, 'environment-256', of(256));
      const over = await createPipeline(account, 'environment-257', of(257));
      return { '256 characters': outcomeOf(fits), '257 characters': outcomeOf(over), said: over.ok ? null : over.said };
    },
    judge: oneOf({ '256 characters': 'accepted', '257 characters': REFUSED }),
  },
  {
    id: 'model-environment',
    question: 'How many variables may the environment of a model have?',
    matters: 'Our model step sets twelve and keeps below sixteen, the limit of older documentation.',
    assumed: 'Sixteen are accepted; 101 are refused.',
    source: 'design: 4',
    calls: CREATE,
    async ask(account) {
      const of = (count: number) => definition([modelStep(account, 'Step', { env: entries(count) })]);
      const answer: Record<string, string> = {};
      for (const count of [16, 17, 101]) {
        answer[`${count} variables`] = outcomeOf(await createPipeline(account, `variables-${count}`, of(count)));
      }
      return answer;
    },
    judge: oneOf({ '16 variables': 'accepted', '101 variables': REFUSED }),
  },
  {
    id: 'cache-of-model-steps',
    question: 'Is a cache configuration on a Model step refused?',
    matters: 'The cache covers the packaging step only.',
    assumed: 'It is refused.',
    source: 'design: 11',
    calls: CREATE,
    async ask(account) {
      const more = { CacheConfig: { Enabled: true, ExpireAfter: 'P30D' } };
      return worded(
        await createPipeline(account, 'cached-model', definition([modelStep(account, 'Step', { more })])),
        /cache/i,
      );
    },
    judge: oneOf({ outcome: REFUSED }),
  },
  {
    id: 'local-path-root',
    question: 'Must the LocalPath of a processing input lie below /opt/ml/processing?',
    matters: 'The serving image expects a model in /opt/ml/model; a job that verifies it has to bring it there itself.',
    assumed: '/opt/ml/model as a LocalPath is refused, when the pipeline is created or when its step runs.',
    undecided:
      'The pipeline was created; whether its step would be refused is not asked, because it would start a job.',
    source: 'design: 7',
    calls: CREATE,
    async ask(account) {
      const source = { S3Uri: account.uriOf('in/'), LocalPath: '/opt/ml/model' };
      const model = { InputName: 'model', S3Input: { ...source, S3DataType: 'S3Prefix', S3InputMode: 'File' } };
      const outcome = await createPipeline(account, 'local-path', processing(account, { ProcessingInputs: [model] }));
      return { outcome: outcomeOf(outcome), said: outcome.ok ? null : outcome.said };
    },
    judge: ({ outcome }) => (outcome === REFUSED ? 'holds' : outcome === 'accepted' ? 'unknown' : 'contradicted'),
  },
];
