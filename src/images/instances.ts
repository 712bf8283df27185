/** What a model's container finds on an instance. */
export type Processor = 'cpu' | 'gpu' | 'graviton' | 'none';

/**
 * Instance families and their sizes: ProductionVariantInstanceType and ProcessingInstanceType of the SageMaker service
 * model (@aws-sdk/client-sagemaker 3.1142, November 2026), by what the family's machines are.
 */
const ENDPOINT_SIZES: Readonly<Record<string, string>> = {
  t2: 'medium large xlarge 2xlarge',
  m4: 'xlarge 2xlarge 4xlarge 10xlarge 16xlarge',
  m5: 'large xlarge 2xlarge 4xlarge 12xlarge 24xlarge',
  m5d: 'large xlarge 2xlarge 4xlarge 12xlarge 24xlarge',
  c4: 'large xlarge 2xlarge 4xlarge 8xlarge',
  p2: 'xlarge 8xlarge 16xlarge',
  p3: '2xlarge 8xlarge 16xlarge',
  c5: 'large xlarge 2xlarge 4xlarge 9xlarge 18xlarge',
  c5d: 'large xlarge 2xlarge 4xlarge 9xlarge 18xlarge',
  g4dn: 'xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge',
  r5: 'large xlarge 2xlarge 4xlarge 12xlarge 24xlarge',
  r5d: 'large xlarge 2xlarge 4xlarge 12xlarge 24xlarge',
  inf1: 'xlarge 2xlarge 6xlarge 24xlarge',
  dl1: '24xlarge',
  c6i: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge',
  m6i: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge',
  r6i: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge',
  g5: 'xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge',
  g6: 'xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge',
  r8g: 'medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge',
  g6e: 'xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge',
  g7e: '2xlarge 4xlarge 8xlarge 12xlarge 24xlarge 48xlarge',
  p4d: '24xlarge',
  c7g: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge',
  m6g: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge',
  m6gd: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge',
  c6g: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge',
  c6gd: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge',
  c6gn: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge',
  r6g: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge',
  r6gd: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge',
  p4de: '24xlarge',
  trn1: '2xlarge 32xlarge',
  trn1n: '32xlarge',
  trn2: '48xlarge',
  inf2: 'xlarge 8xlarge 24xlarge 48xlarge',
  p5: '48xlarge 4xlarge',
  p5e: '48xlarge',
  p5en: '48xlarge',
  m7i: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge',
  c7i: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge',
  r7i: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge',
  c8g: 'medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge',
  r7gd: 'medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge',
  m8g: 'medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge',
  c6in: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge',
  'p6-b200': '48xlarge',
  'p6-b300': '48xlarge',
  'p6e-gb200': '36xlarge',
};

const PROCESSING_SIZES: Readonly<Record<string, string>> = {
  t3: 'medium large xlarge 2xlarge',
  m4: 'xlarge 2xlarge 4xlarge 10xlarge 16xlarge',
  c4: 'xlarge 2xlarge 4xlarge 8xlarge',
  p2: 'xlarge 8xlarge 16xlarge',
  p3: '2xlarge 8xlarge 16xlarge',
  c5: 'xlarge 2xlarge 4xlarge 9xlarge 18xlarge',
  m5: 'large xlarge 2xlarge 4xlarge 12xlarge 24xlarge',
  r5: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge',
  g4dn: 'xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge',
  g5: 'xlarge 2xlarge 4xlarge 8xlarge 16xlarge 12xlarge 24xlarge 48xlarge',
  r5d: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge',
  g6: 'xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge',
  g6e: 'xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge',
  m6i: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge',
  c6i: 'xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge',
  m7i: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge',
  c7i: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge',
  r7i: 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge',
  p5: '4xlarge',
  g7e: '2xlarge 4xlarge 8xlarge 12xlarge 24xlarge 48xlarge',
};

const SIZES = { endpoint: ENDPOINT_SIZES, processing: PROCESSING_SIZES } as const;

/** `ml.c6g.large` -> `c6g` */
function familyOf(instanceType: string): string {
  return instanceType.split('.')[1] ?? '';
}

/** By its family's name; the same letters classify a family that is not known yet. */
export function processorOf(instanceType: string): Processor {
  const family = familyOf(instanceType);
  // Inferentia, Trainium and Gaudi want images of their own; so does Grace (GB200), an ARM processor with a GPU.
  if (/^(?:inf|trn|dl)\d|-gb/.test(family)) return 'none';
  if (/^[gp]\d/.test(family)) return 'gpu';
  return /^[a-z]+\d+g/.test(family) ? 'graviton' : 'cpu';
}

export type InstanceCheck =
  | { readonly is: 'known' }
  /** Not in the tables: perhaps newer than they are. */
  | { readonly is: 'unknown' }
  | { readonly is: 'refused'; readonly expected: string };

/** Whether SageMaker offers an instance type for endpoints, or for processing jobs. */
export function checkInstance(instanceType: string, use: keyof typeof SIZES): InstanceCheck {
  const [, family = '', size = ''] = instanceType.split('.');
  const sizes = Object.hasOwn(SIZES[use], family) ? SIZES[use][family]?.split(' ') : undefined;
  if (sizes?.includes(size) === true) return { is: 'known' };
  if (sizes !== undefined) return { is: 'refused', expected: `a size of ${family} that exists: ${sizes.join(', ')}` };
  const other = use === 'endpoint' ? 'processing' : 'endpoint';
  const families = Object.keys(SIZES[use]).join(', ');
  if (Object.hasOwn(SIZES[other], family)) {
    const what = use === 'processing' ? 'processing jobs' : 'endpoints';
    return { is: 'refused', expected: `a family that ${what} can use: ${families}` };
  }
  return { is: 'unknown' };
}
