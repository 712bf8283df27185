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

/**
 * Processing instances with NVMe disks of their own, and how many GB those have (EC2's instance store). Such a job has no
 * volume: AWS takes no volume key for it, and no size above that of the disks (ProcessingClusterConfig of the service
 * model).
 */
const LOCAL_DISK_GB: Readonly<Record<string, string>> = {
  g4dn: 'xlarge=125 2xlarge=225 4xlarge=225 8xlarge=900 12xlarge=900 16xlarge=900',
  g5: 'xlarge=250 2xlarge=450 4xlarge=600 8xlarge=900 12xlarge=3800 16xlarge=1900 24xlarge=3800 48xlarge=7600',
  g6: 'xlarge=250 2xlarge=450 4xlarge=600 8xlarge=900 12xlarge=3760 16xlarge=1880 24xlarge=3760 48xlarge=7520',
  g6e: 'xlarge=250 2xlarge=450 4xlarge=600 8xlarge=900 12xlarge=3800 16xlarge=1900 24xlarge=3800 48xlarge=7600',
  g7e: '2xlarge=1900 4xlarge=1900 8xlarge=1900 12xlarge=3800 24xlarge=7600 48xlarge=15200',
  p5: '4xlarge=3800',
  r5d: 'large=75 xlarge=150 2xlarge=300 4xlarge=600 8xlarge=1200 12xlarge=1800 16xlarge=2400 24xlarge=3600',
};

/** Size of an instance's own disks; undefined: it has none, and gets a volume. */
export function localDiskGB(instanceType: string): number | undefined {
  const [, family = '', size = ''] = instanceType.split('.');
  const sizes = Object.hasOwn(LOCAL_DISK_GB, family) ? (LOCAL_DISK_GB[family] ?? '') : '';
  const gb = sizes
    .split(' ')
    .find((entry) => entry.startsWith(`${size}=`))
    ?.slice(size.length + 1);
  return gb === undefined ? undefined : Number(gb);
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
