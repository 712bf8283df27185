/**
 * Where AWS publishes PyTorch inference and scikit-learn processing images: the part of the tables of the public
 * SageMaker Python SDK (`image_uri_config`, August 2026) that concerns our three regions.
 */

export interface ImageRow {
  readonly version: string;
  /** Each version is published for one Python version only. */
  readonly python: string;
  /** A shorter way to write the version, where this row is what it means. */
  readonly alias?: string;
  /** Operating system in the tag (Graviton images only). */
  readonly os?: string;
}

export const PYTORCH_X86: readonly ImageRow[] = [
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

export const PYTORCH_GRAVITON: readonly ImageRow[] = [
  { version: '1.12.1', python: 'py38', alias: '1.12', os: 'ubuntu20.04' },
  { version: '2.0.0', python: 'py310', os: 'ubuntu20.04' },
  { version: '2.0.1', python: 'py310', alias: '2.0', os: 'ubuntu20.04' },
  { version: '2.1.0', python: 'py310', alias: '2.1', os: 'ubuntu20.04' },
  { version: '2.2.1', python: 'py310', alias: '2.2', os: 'ubuntu20.04' },
  { version: '2.3.0', python: 'py311', alias: '2.3', os: 'ubuntu20.04' },
  { version: '2.4.0', python: 'py311', alias: '2.4', os: 'ubuntu22.04' },
];

/** Version of the image per version that the configuration may name. */
export const SKLEARN: Readonly<Record<string, string>> = {
  // The old builder's spelling; the registry's tag has no build number.
  '0.20.0-1': '0.20.0',
  '0.23-1': '0.23-1',
  '1.0-1': '1.0-1',
  '1.2-1': '1.2-1',
};

/** Registry accounts per AWS region. */
export const REGISTRIES: Readonly<Record<string, { readonly pytorch: string; readonly sklearn: string }>> = {
  'us-east-1': { pytorch: '763104351884', sklearn: '683313688378' },
  'eu-west-1': { pytorch: '763104351884', sklearn: '141502667606' },
  'us-west-2': { pytorch: '763104351884', sklearn: '246618743249' },
};
