import type { JsonObject } from '../../contracts.ts';
import { invoke } from '../engine/invoke.ts';
import { callOf, type Run } from '../engine/run.ts';
import { text } from '../json.ts';
import { createPackage } from '../registry/create-package.ts';
import { packageAnswer } from '../registry/packages.ts';
import { makeGroup } from '../registry/groups.ts';
import { arnOf } from '../ids.ts';
import type { StepRecord } from '../state.ts';

export async function runRegisterModelStep(run: Run, record: StepRecord, resolved: JsonObject): Promise<void> {
  ensureGroup(run, text(resolved, 'ModelPackageGroupName'));
  const answer = await invoke(run, 'CreateModelPackage', { input: resolved, handle: createPackage });
  const arn = text(answer, 'ModelPackageArn') ?? '';
  const registered = callOf(run).region.packages[arn];
  record.metadata = { RegisterModel: { Arn: arn } };
  if (registered !== undefined) record.properties = packageAnswer(registered);
}

/** Where the step is to make the group that it registers in. */
function ensureGroup(run: Run, name: string | undefined): void {
  if (name === undefined || name.startsWith('arn:') || run.service.answers.is('register-group', 'required')) return;
  const call = callOf(run);
  if (Object.hasOwn(call.region.groups, arnOf(run.context, 'model-package-group', name))) return;
  makeGroup({ ModelPackageGroupName: name }, call);
}
