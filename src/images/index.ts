import { AWS_REGIONS, type RegionCode } from '../core/regions.ts';
import { processorOf } from './instances.ts';

/** What a missing image is owed to, so that the message can stand where it is mended. */
type ImageCause = 'version' | 'python' | 'instance' | 'region';

/** The image, or one sentence on what was wanted for and what there is. */
export type ImageResult =
  | { readonly ok: true; readonly uri: string }
  | { readonly ok: false; readonly problem: string; readonly cause: ImageCause };

export interface PackagingRequest {
  /** As written in the configuration; the tag keeps it: `2.1` gives `:2.1-cpu-py310`. */
  readonly frameworkVersion: string;
  readonly pyVersion: string;
  /** AWS name. */
  readonly region: string;
}

export interface InferenceRequest extends PackagingRequest {
  readonly instanceType: string;
}

/** The PyTorch inference image for an instance type: CPU, GPU or Graviton. */
export function inferenceImage(request: InferenceRequest): ImageResult {
  const { instanceType, frameworkVersion, pyVersion } = request;
  const processor = processorOf(instanceType);
  if (processor === 'none') {
    const problem = `AWS publishes no PyTorch inference image for ${instanceType} (Inferentia, Trainium, Gaudi and Grace are not served here); expected a CPU, GPU or Graviton instance type, like ml.m5.large, ml.g5.xlarge or ml.c7g.large`;
    return { ok: false, cause: 'instance', problem };
  }
  const isGraviton = processor === 'graviton';
  const rows = isGraviton ? PYTORCH_GRAVITON : PYTORCH_X86;
  const found = findRow(rows, { frameworkVersion, pyVersion, what: isGraviton ? 'Graviton' : 'x86' });
  if (!('row' in found)) return found;
  const suffix = isGraviton ? `cpu-${pyVersion}-${found.row.os}-sagemaker` : `${processor}-${pyVersion}`;
  const repository = isGraviton ? 'pytorch-inference-graviton' : 'pytorch-inference';
  return inRegistry({
    framework: 'pytorch',
    region: request.region,
    image: `${repository}:${frameworkVersion}-${suffix}`,
  });
}

/**
 * The image that the built-in scripts run in: x86 and CPU whatever the model is meant for, since processing jobs have
 * no Graviton, and a GPU image has no CUDA on their machines. Where a version exists for Graviton alone (2.2.1), the
 * x86 image of the same minor version serves: it runs our scripts, and loads the same models.
 */
export function packagingImage({ frameworkVersion, pyVersion, region }: PackagingRequest): ImageResult {
  const minor = frameworkVersion.split('.').slice(0, 2).join('.');
  const isGravitonOnly =
    matching(PYTORCH_X86, frameworkVersion) === undefined && matching(PYTORCH_GRAVITON, frameworkVersion) !== undefined;
  const version = isGravitonOnly ? (matching(PYTORCH_X86, minor)?.version ?? frameworkVersion) : frameworkVersion;
  const found = findRow(PYTORCH_X86, { frameworkVersion: version, pyVersion, what: 'x86' });
  if (!('row' in found)) return found;
  return inRegistry({ framework: 'pytorch', region, image: `pytorch-inference:${version}-cpu-${pyVersion}` });
}

/** The scikit-learn image that a team's own packaging script runs in. */
export function sklearnImage({ version, region }: { version: string; region: string }): ImageResult {
  const published = Object.hasOwn(SKLEARN, version) ? SKLEARN[version] : undefined;
  if (published === undefined) {
    const problem = `AWS publishes no scikit-learn ${version} processing image; published: ${Object.keys(SKLEARN).join(', ')}`;
    return { ok: false, cause: 'version', problem };
  }
  return inRegistry({ framework: 'sklearn', region, image: `sagemaker-scikit-learn:${published}-cpu-py3` });
}

/** An image of one's own: a text for every region, with `{region}` in it, or one URI per region. */
export type OwnImage = string | Readonly<Partial<Record<RegionCode, string>>>;

/** The URI of one's own image in a region; undefined where none is named, or one of another region. */
export function ownImage(image: OwnImage, code: RegionCode): string | undefined {
  const region = AWS_REGIONS[code];
  const uri = typeof image === 'string' ? image.replaceAll('{region}', region) : image[code];
  return uri !== undefined && regionOfImage(uri) === region ? uri : undefined;
}

/** The AWS region of a registry: SageMaker takes images of its own region only. */
export function regionOfImage(uri: string): string | undefined {
  return /^[0-9]{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\//.exec(uri)?.[1];
}

/** For the scripts of the action where no version that AWS publishes is meant: Python, boto3 and pip are all they need. */
export function newestPackagingImage(region: string): ImageResult {
  const { version, python } = PYTORCH_X86.at(-1) ?? { version: '', python: '' };
  return packagingImage({ frameworkVersion: version, pyVersion: python, region });
}

/** What AWS publishes, newest first: for the documentation. */
export function publishedImages(): readonly {
  readonly version: string;
  readonly python: string;
  readonly on: string;
}[] {
  const minor = (text: string): number => Number(text.split('.')[0]) * 1000 + Number(text.split('.')[1]);
  const versions = [...new Set([...PYTORCH_X86, ...PYTORCH_GRAVITON].map(({ version }) => version))];
  return versions
    .toSorted((a, b) => minor(b) - minor(a) || (a < b ? 1 : -1))
    .map((version) => {
      const [x86, graviton] = [matching(PYTORCH_X86, version), matching(PYTORCH_GRAVITON, version)];
      const on = [
        ...(x86?.version === version ? ['CPU and GPU'] : []),
        ...(graviton?.version === version ? ['Graviton'] : []),
      ];
      return { version, python: (x86 ?? graviton)?.python ?? '', on: on.join(', ') };
    });
}

function matching(rows: readonly ImageRow[], version: string): ImageRow | undefined {
  return rows.find((row) => row.version === version || row.alias === version);
}

interface RowRequest {
  readonly frameworkVersion: string;
  readonly pyVersion: string;
  readonly what: string;
}

function findRow(
  rows: readonly ImageRow[],
  request: RowRequest,
): { readonly row: ImageRow } | (ImageResult & { ok: false }) {
  const { frameworkVersion, pyVersion, what } = request;
  const row = matching(rows, frameworkVersion);
  if (row?.python === pyVersion) return { row };
  const wanted = `PyTorch ${frameworkVersion} ${pyVersion} ${what} inference image`;
  const published =
    row === undefined
      ? `published: ${rows.map(rowText).join(', ')}`
      : `${frameworkVersion} is published for ${row.python} only: set py_version to ${row.python}`;
  return {
    ok: false,
    cause: row === undefined ? 'version' : 'python',
    problem: `AWS publishes no ${wanted}; ${published}`,
  };
}

function rowText({ version, python }: ImageRow): string {
  return `${version} ${python}`;
}

function inRegistry({
  framework,
  region,
  image,
}: {
  framework: 'pytorch' | 'sklearn';
  region: string;
  image: string;
}): ImageResult {
  const account = Object.hasOwn(REGISTRIES, region) ? REGISTRIES[region]?.[framework] : undefined;
  if (account === undefined) {
    const problem = `No ${framework} image registry is known for region ${region}; known: ${Object.keys(REGISTRIES).join(', ')}`;
    return { ok: false, cause: 'region', problem };
  }
  return { ok: true, uri: `${account}.dkr.ecr.${region}.amazonaws.com/${image}` };
}

/**
 * Where AWS publishes PyTorch inference and scikit-learn processing images: the part of the tables of the public
 * SageMaker Python SDK (`image_uri_config`, August 2026) that concerns our three regions.
 */

interface ImageRow {
  readonly version: string;
  /** Each version is published for one Python version only. */
  readonly python: string;
  /** A shorter way to write the version, where this row is what it means. */
  readonly alias?: string;
  /** Operating system in the tag (Graviton images only). */
  readonly os?: string;
}

const PYTORCH_X86: readonly ImageRow[] = [
  { version: '1.12.0', python: 'py38' },
  { version: '1.12.1', python: 'py38', alias: '1.12' },
  { version: '1.13.1', python: 'py39', alias: '1.13' },
  { version: '2.0.0', python: 'py310' },
  { version: '2.0.1', python: 'py310', alias: '2.0' },
  { version: '2.1.0', python: 'py310', alias: '2.1' },
  { version: '2.2.0', python: 'py310', alias: '2.2' },
  { version: '2.3.0', python: 'py311', alias: '2.3' },
  { version: '2.4.0', python: 'py311', alias: '2.4' },
  { version: '2.5.1', python: 'py311', alias: '2.5' },
  { version: '2.6.0', python: 'py312', alias: '2.6' },
];

const PYTORCH_GRAVITON: readonly ImageRow[] = [
  { version: '1.12.1', python: 'py38', alias: '1.12', os: 'ubuntu20.04' },
  { version: '2.0.0', python: 'py310', os: 'ubuntu20.04' },
  { version: '2.0.1', python: 'py310', alias: '2.0', os: 'ubuntu20.04' },
  { version: '2.1.0', python: 'py310', alias: '2.1', os: 'ubuntu20.04' },
  { version: '2.2.1', python: 'py310', alias: '2.2', os: 'ubuntu20.04' },
  { version: '2.3.0', python: 'py311', alias: '2.3', os: 'ubuntu20.04' },
  { version: '2.4.0', python: 'py311', alias: '2.4', os: 'ubuntu22.04' },
];

/** Version of the image per version that the configuration may name. */
const SKLEARN: Readonly<Record<string, string>> = {
  // The old builder's spelling; the registry's tag has no build number.
  '0.20.0-1': '0.20.0',
  '0.23-1': '0.23-1',
  '1.0-1': '1.0-1',
  '1.2-1': '1.2-1',
};

/** Registry accounts per AWS region. */
const REGISTRIES: Readonly<Record<string, { readonly pytorch: string; readonly sklearn: string }>> = {
  'us-east-1': { pytorch: '763104351884', sklearn: '683313688378' },
  'eu-west-1': { pytorch: '763104351884', sklearn: '141502667606' },
  'us-west-2': { pytorch: '763104351884', sklearn: '246618743249' },
};

export { checkInstance, localDiskGB } from './instances.ts';

/** `py312` -> `3.12`, as Python names itself. */
export function pythonOf(pyVersion: string): string {
  return pyVersion.replace(/^py(\d)(\d+)$/, '$1.$2');
}
