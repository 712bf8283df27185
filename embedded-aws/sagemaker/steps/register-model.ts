import type { JsonObject } from '../../contracts.ts';
import { invoke } from '../engine/invoke.ts';
import { callOf, type Run } from '../engine/run.ts';
import { text } from '../json.ts';
import { createPackage } from '../registry/create-package.ts';
import { packageAnswer } from '../registry/packages.ts';
import type { StepRecord } from '../state.ts';

export async function runRegisterModelStep(run: Run, record: StepRecord, resolved: JsonObject): Promise<void> {
  const answer = await invoke(run, 'CreateModelPackage', { input: resolved, handle: createPackage });
  const arn = text(answer, 'ModelPackageArn') ?? '';
  const registered = callOf(run).region.packages[arn];
  record.metadata = { RegisterModel: { Arn: arn } };
  if (registered !== undefined) record.properties = packageAnswer(registered);
}
