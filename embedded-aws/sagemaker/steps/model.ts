import type { JsonObject } from '../../contracts.ts';
import { invoke } from '../engine/invoke.ts';
import { callOf, type Run } from '../engine/run.ts';
import { arnOf, generatedName } from '../ids.ts';
import { createModel, modelAnswer } from '../models.ts';
import type { StepRecord } from '../state.ts';

export async function runModelStep(run: Run, record: StepRecord, resolved: JsonObject): Promise<void> {
  const name = generatedName(run.execution.id, record.name);
  await invoke(run, 'CreateModel', { input: { ...resolved, ModelName: name }, handle: createModel });
  const arn = arnOf(run.context, 'model', name);
  const model = callOf(run).region.models[arn];
  record.metadata = { Model: { Arn: arn } };
  if (model !== undefined) record.properties = modelAnswer(model);
}
