import type { Context } from '../core/context.ts';
import type { Runner } from '../core/runner.ts';
import { planDigest } from '../plan/identity.ts';
import { type Check, checkCount } from '../preflight/check.ts';
import { comparisonMarkdown, planHeadline } from './comparison.ts';
import { type Detail, markdownCode, markdownLink, markdownText } from './markdown.ts';
import type { RunReport } from './record.ts';

/** Comments of the pull request that a run belongs to. */
export interface Comments {
  /**
   * Newest commit of the branch of the pull request, which a reader knows it by: what is checked out is its merge. undefined
   * where the event is none of a pull request.
   */
  headCommit(): Promise<string | undefined>;
  /**
   * Makes or edits the one comment that begins with `marker`.
   * @throws Error, a sentence for the reader, where there is no pull request or the token may not write
   */
  keep(marker: string, body: string, token: string | undefined): Promise<'created' | 'updated' | 'unchanged'>;
}

interface CommentContext {
  readonly comments: Comments;
  readonly context: Context;
  readonly runner: Runner;
}

/**
 * Keeps the comment on the pull request up to date where plan mode was asked for one, however the run ended. What goes
 * wrong here is a warning: a plan is as good without its comment.
 */
export async function keepComment(record: RunReport, { comments, context, runner }: CommentContext): Promise<void> {
  const { inputs, pipeline } = record;
  if (inputs?.comment !== true || inputs.mode !== 'plan') return;
  if (pipeline === undefined || record.status === 'cancelled') return;
  const marker = commentMarker(pipeline, inputs.configPath);
  try {
    const origin = { provenance: context.provenance, headCommit: await comments.headCommit() };
    const done = await comments.keep(marker, planComment(marker, record, origin), inputs.githubToken);
    runner.info(`Comment      ${done}`);
  } catch (thrown) {
    runner.annotate('warning', {
      title: 'Comment',
      message: thrown instanceof Error ? thrown.message : String(thrown),
    });
  }
}

/** Names pipeline and configuration, so that the jobs of a matrix keep one each. Encoded: nothing in it ends it. */
export function commentMarker(pipeline: string, configPath: string): string {
  const encode = (text: string) => encodeURIComponent(text).replaceAll('-', '%2D');
  return `<!-- bsm-pytorch-deploy plan pipeline=${encode(pipeline)} config=${encode(configPath)} -->`;
}

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
export function planComment(marker: string, record: RunReport, context: CommentOrigin): string {
  const bodies = DETAILS.map((detail) => body(marker, { record, detail }, context));
  return (
    bodies.find((text) => text.length <= COMMENT_LENGTH) ??
    `${marker}\n${title(record)}\n\nThe plan is too long for a comment: see the job summary.\n`
  );
}

interface CommentOrigin extends Pick<Context, 'provenance'> {
  readonly headCommit?: string | undefined;
}

interface CommentContent {
  readonly record: RunReport;
  readonly detail: Detail;
}

function body(marker: string, { record, detail }: CommentContent, context: CommentOrigin): string {
  const sections = [
    title(record),
    subjectSection(record, context),
    errorSection(record),
    checksSection(record.checks ?? []),
    warningsSection(record.plan?.warnings ?? []),
    record.comparison === undefined ? '' : comparisonMarkdown(record.comparison, detail),
    footer(context),
  ];
  return `${marker}\n${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function title(record: RunReport): string {
  return `## ${record.status === 'planned' ? '📋' : '❌'} Plan: ${planHeadline(record)} (${markdownText(record.pipeline ?? '')})`;
}

/** What this is the plan of: which model, which commit, and the digest that a deployment can be bound to. */
function subjectSection({ plan }: RunReport, { headCommit, provenance: { commit } }: CommentOrigin): string {
  if (plan === undefined) return '';
  const { ModelS3Path: uri, ModelIdentity: identity } = plan.parameters;
  const known = plan.unknown.includes('the model') ? ', which could not be read' : `, ${markdownCode(identity ?? '')}`;
  const digest = planDigest(plan);
  return [
    `- Model: ${markdownCode(uri ?? '', 1100)}${known}`,
    `- Commit: ${markdownCode(headCommit ?? commit)}`,
    digest === undefined
      ? `- Plan digest: not known without ${markdownText(plan.unknown.join(', '))}`
      : `- Plan digest: ${markdownCode(digest)}`,
  ].join('\n');
}

/** What the plan itself warns of: parameters that are ignored, values that were cut. */
function warningsSection(warnings: readonly string[]): string {
  return warnings
    .slice(0, 20)
    .map((warning) => `- ⚠️ ${markdownText(warning, 800)}`)
    .join('\n');
}

function errorSection({ error, checks = [] }: RunReport): string {
  if (error === undefined || checks.some(({ result }) => result === 'failed')) return '';
  return `> [!CAUTION]\n> ${markdownText(error.message, 1500)}`;
}

/** What needs a reader; the job summary has all of them. */
function checksSection(checks: readonly Check[]): string {
  const important = checks.filter(({ result }) => result === 'failed' || result === 'warning');
  const lines = important.slice(0, 20).map(({ name, result, found, fix }) => {
    const mark = result === 'failed' ? '❌' : '⚠️';
    return `- ${mark} **${markdownText(name)}**: ${markdownText([found, fix].filter(Boolean).join(' '), 800)}`;
  });
  const summary = `Preflight: ${checkCount(checks)}.`;
  return checks.length === 0 ? '' : [summary, ...(lines.length === 0 ? [] : ['', ...lines])].join('\n');
}

function footer({ provenance: { commit, runUrl }, headCommit }: CommentOrigin): string {
  const run = runUrl.startsWith('https://') ? markdownLink('this run', runUrl) : 'a run outside of GitHub';
  const checkedOut = headCommit === undefined || headCommit === commit ? '' : `, merged as ${markdownCode(commit)},`;
  return `<sub>Planned for commit ${markdownCode(headCommit ?? commit)}${checkedOut} by ${run}. Nothing was changed; every run edits this comment.</sub>`;
}
