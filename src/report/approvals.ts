import { packageUrl } from '../aws/console-urls.ts';
import { AWS_REGIONS } from '../core/regions.ts';
import type { Runner } from '../core/runner.ts';
import { packageName, type ReviewedPackage } from '../registry/review.ts';
import { consoleLink, limited, markdownCode, markdownTable, markdownText, type SummaryView } from './markdown.ts';

/** What of a package's metadata says where it comes from and how it was tested; `none` stands for nothing. */
const FACTS: readonly (readonly [label: string, read: (metadata: PackageMetadata) => string | undefined])[] = [
  ['Model', (metadata) => joined([metadata['model_objective'], metadata['model_domain']], ', ')],
  ['Commit', ({ git_commit: commit }) => commit],
  ['Release', ({ release_tag: tag, git_ref: ref }) => tag ?? ref],
  ['Run', ({ run_url: url }) => url],
  ['SHA-256', ({ package_sha256: sha256 }) => sha256],
  ['Verification', (metadata) => joined([metadata['verification'], metadata['verification_reason']], ': ')],
  ['Load test', loadTest],
];

type PackageMetadata = Readonly<Record<string, string | undefined>>;

function joined(parts: readonly (string | undefined)[], separator: string): string | undefined {
  const given = parts.filter((part) => part !== undefined && part !== '' && part !== 'none');
  return given.length === 0 ? undefined : given.join(separator);
}

function loadTest(metadata: PackageMetadata): string | undefined {
  const { load_test: result, load_test_invocations_per_minute: rate, load_test_latency_ms: latency } = metadata;
  if (result === undefined) return 'not made';
  return joined([result, rate && `${rate} invocations a minute`, latency && `${latency} ms`], ', ');
}

function factOf(read: (metadata: PackageMetadata) => string | undefined, { package: found }: ReviewedPackage): string {
  const fact = read(found.metadata);
  return fact === undefined || fact === 'none' ? 'not known' : fact;
}

function changeText({ package: { approval }, wanted }: ReviewedPackage): string {
  return approval === wanted ? `${wanted} already` : `${approval} -> ${wanted}`;
}

/** What is about to be set, package by package, before anything is. */
export function reportApprovals(reviewed: readonly ReviewedPackage[], runner: Pick<Runner, 'info'>): void {
  for (const entry of reviewed) {
    const why = entry.reason === 'newer' ? ' (newer; gives way)' : '';
    runner.info(`${packageName(entry)}${why}: ${changeText(entry)}`);
    runner.info(`  ${entry.package.arn}`);
    for (const [label, read] of FACTS) runner.info(`  ${label.padEnd(13)} ${factOf(read, entry)}`);
  }
}

/** The same in the job summary, with what each approval became. */
export function approvalsSection(view: SummaryView): string {
  const { approvals = [] } = view.result;
  if (approvals.length === 0) return '';
  const rows = approvals.map((entry) => [
    `${entry.region} (${AWS_REGIONS[entry.region]})`,
    linkTo(entry, view),
    markdownText(entry.package.approval),
    statusAfter(entry),
  ]);
  const table = markdownTable(['Region', 'Model package', 'Approval before', 'Approval now'], rows);
  const facts = approvals.map((entry) => {
    const lines = FACTS.map(([label, read]) => [label, markdownText(factOf(read, entry))]);
    const arn = ['ARN', markdownCode(entry.package.arn)];
    return `#### ${linkTo(entry, view)} in ${entry.region}\n\n${markdownTable(['What', 'Value'], [...lines, arn])}`;
  });
  return ['### Approval', table, ...limited(view, facts)].join('\n\n');
}

function linkTo({ package: { group, version }, region }: ReviewedPackage, view: SummaryView): string {
  return consoleLink(view, `${group} version ${version}`, packageUrl(AWS_REGIONS[region], group, version));
}

function statusAfter({ now, package: { approval }, reason, wanted }: ReviewedPackage): string {
  const rest = reason === 'newer' ? ', a newer version that gives way' : '';
  if (now !== wanted) return `${markdownText(now)}: not set`;
  return `${approval === now ? markdownText(now) : `**${markdownText(now)}**, set now`}${rest}`;
}
