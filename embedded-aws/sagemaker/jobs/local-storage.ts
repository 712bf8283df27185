import type { JsonObject } from '../../contracts.ts';
import { validationError } from '../errors.ts';
import { number, object, text } from '../json.ts';
import type { Call } from '../service.ts';

/**
 * GB of local NVMe storage by instance type, which processing uses in place of EBS there: Amazon EC2's "Instance store
 * volumes". Of families without a size here only the key is refused.
 */
const LOCAL_STORAGE_GB: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  g4dn: { xlarge: 125, '2xlarge': 225, '4xlarge': 225, '8xlarge': 900, '12xlarge': 900, '16xlarge': 900 },
  g5: {
    xlarge: 250,
    '2xlarge': 450,
    '4xlarge': 600,
    '8xlarge': 900,
    '12xlarge': 3800,
    '16xlarge': 1900,
    '24xlarge': 3800,
    '48xlarge': 7600,
  },
  g6: {
    xlarge: 250,
    '2xlarge': 450,
    '4xlarge': 600,
    '8xlarge': 900,
    '12xlarge': 3760,
    '16xlarge': 1880,
    '24xlarge': 3760,
    '48xlarge': 7520,
  },
  g6e: {
    xlarge: 250,
    '2xlarge': 450,
    '4xlarge': 600,
    '8xlarge': 900,
    '12xlarge': 3800,
    '16xlarge': 1900,
    '24xlarge': 3800,
    '48xlarge': 7600,
  },
  r5d: {
    large: 75,
    xlarge: 150,
    '2xlarge': 300,
    '4xlarge': 600,
    '8xlarge': 1200,
    '12xlarge': 1800,
    '16xlarge': 2400,
    '24xlarge': 3600,
  },
  p4d: { '24xlarge': 8000 },
  p5: { '48xlarge': 30_400 },
  g7e: {},
};

/** @throws AwsError ValidationException: such instances take no key for their volume, and no more than they have */
export function checkLocalStorage(input: JsonObject, call: Call): void {
  const cluster = object(object(input, 'ProcessingResources') ?? {}, 'ClusterConfig') ?? {};
  const instanceType = text(cluster, 'InstanceType') ?? '';
  const [, family = '', size = ''] = instanceType.split('.');
  const sizes = LOCAL_STORAGE_GB[family];
  if (sizes === undefined || call.service.answers.is('local-storage', 'unchecked')) return;
  if (text(cluster, 'VolumeKmsKeyId') !== undefined) {
    throw validationError(
      `VolumeKmsKeyId cannot be requested for ${instanceType}: its local storage is encrypted by a hardware module.`,
    );
  }
  const asked = number(cluster, 'VolumeSizeInGB') ?? 0;
  const there = sizes[size];
  if (there !== undefined && asked > there) {
    throw validationError(
      `VolumeSizeInGB is ${asked}; it cannot be greater than the local storage of ${instanceType}, ${there} GB.`,
    );
  }
}
