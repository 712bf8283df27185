import { Command } from 'commander';
import { DEFAULT_NAME, isRunName, newRunName, refusals } from './names.ts';
import type { Need, Options } from './options.ts';

/** The command line: flags to options, and what is wrong with them. */

export interface CommandLine {
  readonly options: Options;
  readonly out: string;
  readonly yes: boolean;
  readonly list: boolean;
  /** Only remove what this run left. */
  readonly clean?: string;
}

interface Flags {
  bucket?: string;
  role?: string;
  regionalBucket?: string;
  out: string;
  yes?: boolean;
  jobs?: boolean;
  largeCopy?: boolean;
  bucketPolicy?: boolean;
  loadTest?: boolean;
  kmsKey?: string;
  sessionRole?: string;
  name: string;
  prefix: string;
  only?: string[];
  list?: boolean;
  clean?: string;
}

const REGIONS: Readonly<Record<string, string>> = { EU: 'eu-west-1', FE: 'us-west-2' };

function createCommand(): Command {
  return new Command('conformance')
    .description('Asks a real AWS account every question that bsm-pytorch-deploy had to answer from documents.')
    .option('--bucket <name>', 'a bucket of us-east-1 in a test account')
    .option('--role <arn>', 'the role that pipelines and jobs run with')
    .option('--regional-bucket <region=bucket>', 'a bucket of another region, EU=name or FE=name')
    .option('--out <folder>', 'where report.md and answers.json are written', 'conformance-report')
    .option('--yes', 'do not ask whether the costs are fine')
    .option('--jobs', 'also the probes that start processing jobs')
    .option('--large-copy', 'also the copy of 6 GB into the other region')
    .option('--bucket-policy', 'also what needs a bucket of its own, with a policy')
    .option('--load-test', 'also what Inference Recommender demands, by starting and stopping load tests')
    .option('--kms-key <arn>', 'a key of us-east-1 for what is asked about encryption')
    .option('--session-role <arn>', 'a role that may update packages and that you may assume')
    .option('--name <name>', 'how names of what is made begin', DEFAULT_NAME)
    .option('--prefix <folder/>', 'folder of the buckets that objects are put into', `${DEFAULT_NAME}/`)
    .option('--only <ids...>', 'only these probes')
    .option('--list', 'list the probes and ask nothing')
    .option('--clean <run>', 'only remove what a run of that name left behind')
    .exitOverride();
}

/**
 * @throws Error whose message names everything that is wrong; commander's own CommanderError for `--help` and unknown flags
 */
export function readCommandLine(args: readonly string[], ids: readonly string[]): CommandLine {
  const flags = createCommand()
    .parse([...args], { from: 'user' })
    .opts<Flags>();
  const regional = readRegional(flags.regionalBucket);
  const problems = flags.list ? [] : problemsOf(flags, { regional, ids });
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return {
    options: {
      run: flags.clean ?? newRunName(flags.name),
      bucket: flags.bucket ?? '',
      role: flags.role ?? '',
      keyPrefix: flags.prefix,
      ...(regional === undefined || regional === 'wrong' ? {} : { regional }),
      ...(flags.kmsKey === undefined ? {} : { kmsKey: flags.kmsKey }),
      ...(flags.sessionRole === undefined ? {} : { sessionRole: flags.sessionRole }),
      ...(flags.only === undefined ? {} : { only: flags.only }),
      allowed: allowedBy(flags),
    },
    out: flags.out,
    yes: flags.yes === true,
    list: flags.list === true,
    ...(flags.clean === undefined ? {} : { clean: flags.clean }),
  };
}

function allowedBy(flags: Flags): ReadonlySet<Need> {
  const given: readonly (readonly [Need, unknown])[] = [
    ['jobs', flags.jobs],
    ['regional-bucket', flags.regionalBucket],
    ['kms-key', flags.kmsKey],
    ['large-copy', flags.largeCopy],
    ['bucket-policy', flags.bucketPolicy],
    ['session-role', flags.sessionRole],
    ['load-test', flags.loadTest],
  ];
  return new Set(given.filter(([, value]) => value !== undefined).map(([need]) => need));
}

function readRegional(text: string | undefined): Options['regional'] | 'wrong' {
  if (text === undefined) return undefined;
  const [code = '', bucket = ''] = text.split('=');
  const region = REGIONS[code] ?? Object.values(REGIONS).find((known) => known === code);
  return region === undefined || bucket === '' ? 'wrong' : { region, bucket };
}

function problemsOf(
  flags: Flags,
  { regional, ids }: { regional: Options['regional'] | 'wrong'; ids: readonly string[] },
): string[] {
  const problems: string[] = [];
  if (flags.bucket === undefined) problems.push('--bucket is missing; expected the name of a bucket of us-east-1.');
  if (flags.clean === undefined && !/^arn:aws[\w-]*:iam::\d{12}:role\/.+/.test(flags.role ?? '')) {
    problems.push(`--role is ${flags.role ?? 'missing'}; expected arn:aws:iam::<account>:role/<name>.`);
  }
  if (regional === 'wrong') {
    problems.push(`--regional-bucket is ${flags.regionalBucket ?? ''}; expected EU=bucket or FE=bucket.`);
  }
  if (flags.clean !== undefined && !isRunName(flags.clean)) {
    problems.push(`--clean is ${flags.clean}; expected the name of a run, as ${DEFAULT_NAME}-1a2b3c4d.`);
  }
  const unknown = (flags.only ?? []).filter((id) => !ids.includes(id));
  if (unknown.length > 0) problems.push(`--only names ${unknown.join(', ')}; expected probes that --list lists.`);
  const buckets = [flags.bucket, typeof regional === 'object' ? regional.bucket : undefined];
  const named = buckets.filter((bucket) => bucket !== undefined);
  return [...problems, ...refusals({ name: flags.name, keyPrefix: flags.prefix, buckets: named })];
}
