import { DeployError } from '../core/errors.ts';
import { printableLine } from '../core/text.ts';
import type { Inspection } from '../inspect/index.ts';
import type { Check, CheckFunction, CheckInput } from './check.ts';
import { buckets, credentials, model, pipelineRole } from './checks/access.ts';
import { modelArchive, modelCode } from './checks/archive.ts';
import { entryPoint, inferenceCode, packager } from './checks/code.ts';
import { disk, images, instanceTypes, planning } from './checks/job.ts';
import { encryption, groups, network } from './checks/regions.ts';

const CHECKS: readonly CheckFunction[] = [
  credentials,
  pipelineRole,
  buckets,
  model,
  modelArchive,
  modelCode,
  entryPoint,
  inferenceCode,
  packager,
  planning,
  disk,
  images,
  instanceTypes,
  groups,
  network,
  encryption,
];

/** Makes every check, in the order in which they are shown. Pure, and never stops at the first. */
export function preflight(view: CheckInput): readonly Check[] {
  const checks = CHECKS.map((check) => check(view));
  return view.inspection.identity.ok ? checks : checks.map(withoutCredentials);
}

/** The reason stands at the credentials themselves, once. */
function withoutCredentials(check: Check): Check {
  if (check.name === 'credentials' || check.result !== 'not-made') return check;
  return { name: check.name, result: check.result, found: 'Not checked: AWS could not be asked (see credentials).' };
}

/**
 * Why a deployment must not begin: a failed check, or something that could not be inspected and is indispensable.
 * undefined: it may begin.
 */
export function refusal(checks: readonly Check[], inspection: Inspection): DeployError | undefined {
  return refusedBy(checks) ?? indispensable(inspection);
}

/** The failed checks as one error; undefined where there is none. */
export function refusedBy(checks: readonly Check[]): DeployError | undefined {
  const failed = checks.filter(({ result }) => result === 'failed');
  const [first] = failed;
  if (first === undefined) return undefined;
  if (failed.length === 1) {
    return new DeployError(first.code ?? 'preflight-failed', first.found, { advice: first.fix ?? '' });
  }
  return new DeployError('preflight-failed', failed.map(({ found }) => found).join('\n'), {
    advice: 'Nothing was created.',
    diagnostics: failed.map((check) => ({ message: printableLine(`${check.found} ${check.fix ?? ''}`) })),
  });
}

function indispensable({ identity, model: found, inferenceCode, packager: packs, registrar }: Inspection) {
  for (const result of [identity, found, inferenceCode, packs, registrar]) {
    if (!result.ok) return result.error;
  }
  return undefined;
}

export type { Check, CheckInput } from './check.ts';
export { regionalChecks } from './checks/regions.ts';
