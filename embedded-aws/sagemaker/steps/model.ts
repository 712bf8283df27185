import type { JsonObject } from '../../contracts.ts';
import { invoke } from '../engine/invoke.ts';
import { callOf, type Run } from '../engine/run.ts';
import { generatedName } from '../ids.ts';
import { text } from '../json.ts';
import { createModel, modelAnswer } from '../models.ts';
import type { StepRecord } from '../state.ts';

export async function runModelStep(run: Run, record: StepRecord, resolved: JsonObject): Promise<void> {
  const name = generatedName(run.execution.id, record.name);
  const answer = await invoke(run, 'CreateModel', { input: { ...resolved, ModelName: name }, handle: createModel });
  const arn = text(answer, 'ModelArn') ?? '';
  const model = callOf(run).region.models[arn];
  record.metadata = { Model: { Arn: arn } };
  if (model !== undefined) record.properties = modelAnswer(model);
}
