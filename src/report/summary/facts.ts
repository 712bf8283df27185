import { executionUrl } from '../../aws/console-urls.ts';
import { formatS3Uri } from '../../core/s3-uri.ts';
import { formatDuration, formatSize } from '../../core/text.ts';
import { type PackageReport, type Verification, verificationSentence } from '../../monitor/package-report.ts';
import { planDigest } from '../../plan/identity.ts';
import {
  consoleLink,
  folded,
  limited,
  limitedTable,
  markdownCode,
  markdownTable,
  markdownText,
  type SummaryView,
} from '../markdown.ts';
import type { RunReport } from '../record.ts';

/** How the packager wrote the archive, for people. */
const WAYS: Readonly<Record<string, string>> = {
  spliced: "spliced: the model's compressed bytes were kept",
  recompressed: 'recompressed: the model was unpacked and packed anew',
};

type FactRow = readonly [string, string] | undefined;

/** The packaged archive and whether it answered its sample payloads. */
export function packageSection(view: SummaryView): string {
  const { packageReport, plan } = view.result;
  if (packageReport === undefined) return '';
  const { replacedLinks = 0, sha256, sizeBytes, verification, way } = packageReport;
  const table = factTable([
    ['SHA-256', markdownCode(sha256)],
    sizeBytes === undefined ? undefined : ['Size', formatSize(sizeBytes)],
    way === undefined ? undefined : ['Packed', markdownText(WAYS[way] ?? way)],
    replacedLinks === 0 ? undefined : ['Links', `${replacedLinks} packaged as the files that they lead to`],
    ['Verification', verificationText(verification)],
  ]);
  // Too long for a cell: a table breaks no words.
  const archive = plan === undefined ? '' : markdownCode(formatS3Uri(plan.packagedModel));
  return ['### Package', archive, table, latencies(packageReport, view)].filter((part) => part !== '').join('\n\n');
}

function verificationText(verification: Verification | undefined): string {
  if (verification === undefined) return 'not made';
  const { payloads, status } = verification;
  const count = status === 'passed' ? `; ${payloads.length} of ${payloads.length} payloads answered` : '';
  return markdownText(`${verificationSentence(verification)}${count}`);
}

function latencies({ verification }: PackageReport, view: SummaryView): string {
  if (verification === undefined || verification.payloads.length === 0) return '';
  const rows = verification.payloads.map(({ file, medianMs }) => [
    markdownText(file, 200),
    medianMs === undefined ? 'not measured' : `${medianMs} ms`,
  ]);
  return limitedTable(view, ['Sample payload', 'Latency (median)'], rows);
}

/** What else a reader may want to know. */
export function deploymentSection(view: SummaryView): string {
  const { durationMs, execution, plan, prepared } = view.result;
  if (plan === undefined) return '';
  const { parameters, pipeline } = plan;
  const uploads = prepared?.uploads;
  const table = factTable([
    ['Pipeline', markdownText(pipeline.name)],
    execution === undefined ? undefined : ['Execution', consoleLink(view, execution.arn, executionUrl(execution.arn))],
    execution?.attached === true ? ['Started by', 'another job; this one followed it'] : undefined,
    uploads === undefined
      ? undefined
      : ['Uploads', `${uploads.written.length} written, ${uploads.there.length} there already`],
    ['Model identity', markdownCode(parameters['ModelIdentity'] ?? 'none')],
    [
      'Fingerprint',
      plan.unknown.length === 0 ? markdownCode(plan.fingerprint) : `not known without ${plan.unknown.join(', ')}`,
    ],
    ['Plan digest', markdownCode(planDigest(plan) ?? 'not known')],
    ['Commit', markdownCode(parameters['GitCommit'] ?? 'none')],
    ['Ref', markdownCode(parameters['GitRef'] ?? 'none')],
    ['Took', formatDuration(durationMs)],
  ]);
  return `### Run\n\n${folded('Execution, uploads and fingerprint', table)}`;
}

export function warningsSection(view: SummaryView): string {
  const warnings = warningsOf(view.result).map((warning) => markdownText(warning, 1000));
  if (warnings.length === 0) return '';
  return `### Warnings\n\n${limited(view, warnings)
    .map((warning) => `- ${warning}`)
    .join('\n')}`;
}

function factTable(rows: readonly FactRow[]): string {
  return markdownTable(
    ['What', 'Value'],
    rows.filter((row) => row !== undefined),
  );
}

/** All warnings of the run, each once. */
function warningsOf({ warnings, plan, packageReport }: RunReport): readonly string[] {
  return [...new Set([...warnings, ...(plan?.warnings ?? []), ...(packageReport?.verification?.warnings ?? [])])];
}
