import type { Context } from '../core/context.ts';
import type { Check } from '../preflight/check.ts';
import { comparisonMarkdown, type Detail } from './comparison-markdown.ts';
import { markdownCode, markdownLink, markdownText } from './markdown.ts';
import type { Unfinished } from './record.ts';

/** The longest body of a comment that GitHub takes, in characters. */
export const COMMENT_LENGTH = 65_536;

// From everything to the least that still says what would happen.
const DETAILS: readonly Detail[] = [
  { uploads: true, diffLines: 5000 },
  { uploads: false, diffLines: 500 },
  { uploads: false, diffLines: 100 },
  { uploads: false, diffLines: 20 },
  { uploads: false, diffLines: 0 },
];

/** The plan as a pull-request comment. What is too much is left out, section by section; plan-path has it whole. */
export function planComment(marker: string, told: Told, context: Pick<Context, 'provenance'>): string {
  const bodies = DETAILS.map((detail) => body(marker, { ...told, detail }, context));
  return (
    bodies.find((text) => text.length <= COMMENT_LENGTH) ??
    `${marker}\n${title(told)}\n\nThe plan is too long for a comment: see the job summary.\n`
  );
}

/** The end of a plan, and the pipeline that it was for. */
interface Told {
  readonly result: Unfinished;
  readonly pipeline: string;
}

interface Shown extends Told {
  readonly detail: Detail;
}

function body(marker: string, { result, pipeline, detail }: Shown, context: Pick<Context, 'provenance'>): string {
  const sections = [
    title({ result, pipeline }),
    errorSection(result),
    checksSection(result.checks ?? []),
    warningsSection(result.plan?.warnings ?? []),
    result.comparison === undefined ? '' : comparisonMarkdown(result.comparison, detail),
    footer(context),
  ];
  return `${marker}\n${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function title({ result, pipeline }: Told): string {
  return `## ${result.status === 'planned' ? '📋' : '❌'} Plan: ${markdownText(pipeline)}`;
}

/** What the plan itself warns of: parameters that are ignored, values that were cut. */
function warningsSection(warnings: readonly string[]): string {
  return warnings
    .slice(0, 20)
    .map((warning) => `- ⚠️ ${markdownText(warning, 800)}`)
    .join('\n');
}

function errorSection({ error, checks = [] }: Unfinished): string {
  if (error === undefined || checks.some(({ result }) => result === 'failed')) return '';
  return `> [!CAUTION]\n> ${markdownText(error.message, 1500)}`;
}

/** What needs a reader; the job summary has all of them. */
function checksSection(checks: readonly Check[]): string {
  const count = (result: Check['result']) => checks.filter((check) => check.result === result).length;
  const important = checks.filter(({ result }) => result === 'failed' || result === 'warning');
  const lines = important.slice(0, 20).map(({ name, result, found, fix }) => {
    const mark = result === 'failed' ? '❌' : '⚠️';
    return `- ${mark} **${markdownText(name)}**: ${markdownText([found, fix].filter(Boolean).join(' '), 800)}`;
  });
  const summary = `Preflight: ${count('passed') + count('suggestion')} of ${checks.length} checks passed, ${count('failed')} failed, ${count('not-made')} not made.`;
  return checks.length === 0 ? '' : [summary, ...(lines.length === 0 ? [] : ['', ...lines])].join('\n');
}

function footer({ provenance: { commit, runUrl } }: Pick<Context, 'provenance'>): string {
  const run = runUrl.startsWith('https://') ? markdownLink('this run', runUrl) : 'a run outside of GitHub';
  return `<sub>Planned for commit ${markdownCode(commit)} by ${run}. Nothing was changed; every run edits this comment.</sub>`;
}
