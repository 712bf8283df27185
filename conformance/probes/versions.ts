/** Pipelines, their versions, and calls that are repeated. */
import { DescribePipelineCommand, ListPipelineVersionsCommand, UpdatePipelineCommand } from '@aws-sdk/client-sagemaker';
import type { Account } from '../account.ts';
import { createCommand, createPipeline, definition, modelStep, pipelineNamed } from '../fixtures.ts';
import { attempt, needed, outcomeOf, worded } from '../outcome.ts';
import { oneOf, type Probe } from '../probe.ts';

interface Versions {
  readonly name: string;
  readonly texts: readonly [string, string];
  readonly updated: number | undefined;
}

/** A pipeline that was created and updated once. */
export function versionedPipeline(account: Account): Promise<Versions> {
  return account.once('versioned pipeline', async () => {
    const texts = [definition([modelStep(account, 'First')]), definition([modelStep(account, 'Second')])] as const;
    const name = await pipelineNamed(account, 'versions', texts[0]);
    const update = new UpdatePipelineCommand({ PipelineName: name, PipelineDefinition: texts[1] });
    const { PipelineVersionId } = needed(await attempt(account.sagemaker.send(update)));
    return { name, texts, updated: PipelineVersionId };
  });
}

/** Whether the bytes stay is another question. */
const compact = (text: string) => JSON.stringify(JSON.parse(text));

export const versions: readonly Probe[] = [
  {
    id: 'version-of-update',
    question: 'Does UpdatePipeline return the number of the version that it made?',
    matters: 'The definition that was checked is started by that number, whatever another job has deployed since.',
    assumed: 'A create makes version 1, the first update returns PipelineVersionId 2.',
    source: 'answers: versions',
    calls: ['sagemaker:UpdatePipeline'],
    ask: async (account) => ({ version: (await versionedPipeline(account)).updated ?? null }),
    judge: oneOf({ version: 2 }),
  },
  {
    id: 'describe-version',
    question: 'Does DescribePipeline with PipelineVersionId return the definition of that version?',
    matters: 'A plan is compared with the version that runs.',
    assumed: 'Version 1 and version 2 have the texts that they were sent with; without a number it is the newest.',
    source: 'answers: versions',
    calls: ['sagemaker:DescribePipeline'],
    async ask(account) {
      const { name, texts } = await versionedPipeline(account);
      const textOf = async (PipelineVersionId?: number) => {
        const command = new DescribePipelineCommand({ PipelineName: name, PipelineVersionId });
        const outcome = await attempt(account.sagemaker.send(command));
        if (!outcome.ok) return outcome.code;
        const found = compact(outcome.value.PipelineDefinition ?? 'null');
        const index = texts.findIndex((text) => compact(text) === found);
        return index === -1 ? 'another text' : `text ${index + 1}`;
      };
      return { 'version 1': await textOf(1), 'version 2': await textOf(2), 'without a number': await textOf() };
    },
    judge: oneOf({ 'version 1': 'text 1', 'version 2': 'text 2', 'without a number': 'text 2' }),
  },
  {
    id: 'list-versions',
    question: 'Does ListPipelineVersions list every version?',
    matters: 'Where no version number is known (after a create), it can be looked up.',
    assumed: 'Both versions are listed, 1 and 2.',
    source: 'answers: versions',
    calls: ['sagemaker:ListPipelineVersions'],
    async ask(account) {
      const { name } = await versionedPipeline(account);
      const listed = needed(
        await attempt(account.sagemaker.send(new ListPipelineVersionsCommand({ PipelineName: name }))),
      );
      const ids = (listed.PipelineVersionSummaries ?? []).map((version) => version.PipelineVersionId ?? 0);
      return { versions: ids.sort((a, b) => a - b) };
    },
    judge: oneOf({ versions: [1, 2] }),
  },
  {
    id: 'existing-pipeline',
    question: 'How is a pipeline refused whose name is taken?',
    matters: 'Two jobs that deploy at once: the slower one has to go on with an update.',
    assumed: 'ValidationException with "already exists".',
    source: 'answers: wordings',
    calls: ['sagemaker:CreatePipeline'],
    async ask(account) {
      const text = definition([modelStep(account, 'Step')]);
      needed(await createPipeline(account, 'existing', text));
      const again = createCommand(account, 'existing', text);
      again.input.ClientRequestToken = `${again.input.ClientRequestToken}-second`;
      return worded(await attempt(account.sagemaker.send(again)), /already exists/i);
    },
    judge: oneOf({ outcome: 'ValidationException', words: 'as assumed' }),
  },
  {
    id: 'create-pipeline-token',
    question: 'Is CreatePipeline with the same request token and request answered like the first time?',
    matters: 'A call whose answer was lost is repeated by the SDK.',
    assumed: 'It is accepted and returns the same ARN.',
    source: 'answers: request-tokens',
    calls: ['sagemaker:CreatePipeline'],
    async ask(account) {
      const text = definition([modelStep(account, 'Step')]);
      const create = () => attempt(account.sagemaker.send(createCommand(account, 'token', text)));
      const first = needed(await create());
      const again = await create();
      return { outcome: outcomeOf(again), 'same ARN': again.ok && again.value.PipelineArn === first.PipelineArn };
    },
    judge: oneOf({ outcome: 'accepted', 'same ARN': true }),
  },
  {
    id: 'parallel-updates',
    question: 'What happens to updates of a pipeline that come at the same time?',
    matters: 'Matrix jobs deploy the same pipeline at once.',
    assumed: 'Each is accepted, or refused with ConflictException or throttling, which are tried again.',
    source: 'answers: conflicts',
    calls: ['sagemaker:UpdatePipeline'],
    async ask(account) {
      const texts = ['A', 'B', 'C', 'D'].map((step) => definition([modelStep(account, step)]));
      const name = await pipelineNamed(account, 'parallel', texts[0] ?? '');
      const update = (PipelineDefinition: string) =>
        attempt(account.sagemaker.send(new UpdatePipelineCommand({ PipelineName: name, PipelineDefinition })));
      const ended = await Promise.all(texts.map(update));
      const harmless = ['accepted', 'ConflictException', 'ThrottlingException'];
      const others = [...new Set(ended.map(outcomeOf))].filter((outcome) => !harmless.includes(outcome));
      return { 'unexpected answers': others.sort(), said: ended.map((outcome) => (outcome.ok ? null : outcome.said)) };
    },
    judge: oneOf({ 'unexpected answers': [] }),
  },
];
