import { valueOf } from '../../core/errors.ts';
import { formatSize } from '../../core/text.ts';
import { checkInstance, localDiskGB } from '../../images/index.ts';
import { type Check, type CheckFunction, type CheckInput, COSTS, failedBy } from '../check.ts';
import { listing } from './archive.ts';

const GB = 1_000_000_000;
/** Least and most of package.processing_volume_size. */
const SMALLEST_GB = 10;
const LARGEST_GB = 1000;
/** For requirements that verification installs, and what an estimate misses. */
const SPARE_GB = 2;

/** What the packaging job lays on its disk, in bytes. */
interface DiskNeed {
  /** Archive in and archive out: certain. */
  readonly certainBytes: number;
  /** With what verification unpacks, as far as the part of the archive that was read shows. */
  readonly likelyBytes: number;
}

/** The disk of the packaging job: enough for the model, and not ten times more than it needs. */
export const disk: CheckFunction = (view) => {
  const name = 'disk';
  const volumeGB = view.config.package.processing_volume_size;
  const need = diskNeed(view);
  if (need === undefined) return { name, result: 'not-made', found: 'The size of the model is not known.' };
  const enoughGB = Math.max(SMALLEST_GB, Math.ceil(need.likelyBytes / GB) + SPARE_GB);
  const size = formatSize(need.likelyBytes);
  const has = `The packaging job has ${volumeGB} GB of disk (package.processing_volume_size)`;
  const fix = `Set package.processing_volume_size to ${Math.min(enoughGB, LARGEST_GB)}.`;
  if (need.certainBytes > volumeGB * GB) {
    const found = `${has}; the model archive and its package alone take ${formatSize(need.certainBytes)}.`;
    return { name, result: 'failed', found, cost: COSTS.packaging, fix };
  }
  if (need.likelyBytes > volumeGB * GB) {
    return { name, result: 'warning', found: `${has}; about ${size} are needed.`, cost: COSTS.verification, fix };
  }
  const found = `${has}; about ${size} are needed`;
  if (volumeGB >= enoughGB * 10) return { name, result: 'suggestion', found: `${found}.`, fix };
  return { name, result: 'passed', found };
};

function diskNeed(view: CheckInput): DiskNeed | undefined {
  const model = valueOf(view.inspection.model);
  if (model === undefined) return undefined;
  const archiveBytes = model.info.sizeBytes;
  const codeBytes = (valueOf(view.inspection.inferenceCode) ?? []).reduce((sum, file) => sum + file.sizeBytes, 0);
  const certainBytes = 2 * archiveBytes + codeBytes;
  // A team's own packager most often unpacks the model; ours does only to verify.
  const unpacks = valueOf(view.inspection.packager)?.kind === 'own' || view.config.package.verify;
  return { certainBytes, likelyBytes: certainBytes + (unpacks ? unpackedBytes(view, archiveBytes) : 0) };
}

/** Exact where the listing is; else by how much the part that was read grew. Weights hardly do. */
function unpackedBytes(view: CheckInput, archiveBytes: number): number {
  const archive = listing(view);
  if (archive === undefined) return archiveBytes;
  if (archive.complete) return archive.members.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const listed = archive.members.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const grown = (archiveBytes * archive.inflatedBytes) / Math.max(archive.readBytes, 1);
  return Math.max(listed, archiveBytes, grown);
}

/** What planning itself refuses: no image for what is wanted for, names that are too long. */
export const planning: CheckFunction = ({ plan }) => {
  const name = 'plan';
  if (!plan.ok) return failedBy(name, plan.error);
  const steps = plan.value.pipeline.definition['Steps'];
  const count = Array.isArray(steps) ? steps.length : 0;
  return { name, result: 'passed', found: `${plan.value.pipeline.name}, a pipeline of ${count} steps` };
};

/** Images that the plan names, from the table of those that AWS publishes; without one there is no plan. */
export const images: CheckFunction = (view) => {
  const {
    plan,
    config: { base },
  } = view;
  const name = 'images';
  if (!plan.ok) {
    const fix = 'Mend what the check plan says.';
    return { name, result: 'not-made', found: 'There is no plan to take images from.', fix };
  }
  const text = JSON.stringify(plan.value.pipeline.definition);
  const names = new Set([...text.matchAll(/\.amazonaws\.com\/([^"\\]+)/g)].map(([, image = '']) => image));
  const wanted = `PyTorch ${base.framework_version} ${base.py_version}`;
  if (view.config.model.inference_image !== null) {
    const found = `An image of your own (model.inference_image): ${[...names].join(', ')}; whether it is there was not asked`;
    return { name, result: 'passed', found };
  }
  const found = `AWS publishes ${wanted}: ${[...names].join(', ')}`;
  const newer = listing(view)?.members.find(({ writtenSince }) => isNewer(writtenSince, base.framework_version));
  if (newer === undefined) return { name, result: 'passed', found };
  return {
    name,
    result: 'suggestion',
    found: `${newer.name} was written by PyTorch ${newer.writtenSince} or newer; the image has ${base.framework_version} (base.framework_version).`,
    cost: view.config.package.verify ? COSTS.verification : 'the first endpoint of the package fails to start',
    fix: `Set base.framework_version and base.py_version to a version that is not older (docs/configuration.md lists them). Weights alone are read by older versions, too; whole modules and TorchScript often are not.`,
  };
};

/** Whether the first version is above the second; as far as both are written. */
function isNewer(since: string | undefined, version: string): boolean {
  if (since === undefined) return false;
  const [a, b] = [since, version].map((text) => text.split('.').map(Number));
  const [major = 0, minor = 0] = a ?? [];
  const [otherMajor = 0, otherMinor = 0] = b ?? [];
  return major > otherMajor || (major === otherMajor && minor > otherMinor);
}

/** The instance type of the package may come from the input `parameters`, which the configuration's rules never saw. */
export const instanceTypes: CheckFunction = ({ config, plan }) => {
  const name = 'instance-types';
  const configured = config.model.inference_instance_type;
  const type = valueOf(plan)?.parameters['InferenceInstanceType'] ?? configured;
  const job = config.package.use_large_processing_instance
    ? config.package.processing_instance_type_large
    : config.package.processing_instance_type_small;
  const refused = localDisk(job, { config, plan });
  if (refused !== undefined) return refused;
  const where = type === configured ? 'model.inference_instance_type' : 'input parameters, InferenceInstanceType';
  const check = checkInstance(type, 'endpoint');
  switch (check.is) {
    case 'known':
      return { name, result: 'passed', found: `${type} for endpoints, ${job} for the packaging job` };
    case 'unknown':
      return unknownType(type, where, type !== configured);
    case 'refused': {
      const found = `${type} (${where}) is no instance type for endpoints; expected ${check.expected}.`;
      return { name, result: 'failed', found, cost: COSTS.registration, fix: `Correct ${where}.` };
    }
  }
};

/** A packaging job on an instance with disks of its own gets no volume: no key for one, and no more than they hold. */
function localDisk(job: string, { config, plan }: Pick<CheckInput, 'config' | 'plan'>): Check | undefined {
  const name = 'instance-types';
  const diskGB = localDiskGB(job);
  if (diskGB === undefined) return undefined;
  const size = config.package.use_large_processing_instance ? 'large' : 'small';
  const has = `${job} (package.processing_instance_type_${size}) has local disks of ${diskGB} GB and takes no volume`;
  const another = `choose an instance type without local disks, like ml.m5.2xlarge`;
  const failed = { name, result: 'failed', cost: COSTS.packaging } as const;
  if (valueOf(plan)?.kmsKey ?? config.base.kms_key) {
    const found = `${has}, so that the key of base.kms_key cannot encrypt it.`;
    return {
      ...failed,
      found,
      fix: `${another.replace('choose', 'Choose')}; local disks are encrypted by their hardware.`,
    };
  }
  const volumeGB = config.package.processing_volume_size;
  if (volumeGB <= diskGB) return undefined;
  const found = `${has}; package.processing_volume_size asks for ${volumeGB} GB.`;
  return {
    ...failed,
    found,
    fix: `Set package.processing_volume_size to ${Math.max(diskGB, SMALLEST_GB)} or less, or ${another}.`,
  };
}

/** Configured ones were warned of on their line of the file. */
function unknownType(type: string, where: string, warn: boolean): Check {
  const found = `${type} (${where}) is of a family that was not known in November 2026; it is taken as it is.`;
  const fix = 'Compare it with the instance types that SageMaker lists for endpoints.';
  return { name: 'instance-types', result: warn ? 'warning' : 'suggestion', found, fix, cost: COSTS.registration };
}
