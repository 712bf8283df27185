import { executionUrl, jobLogUrl, jobUrl } from '../../aws/console-urls.ts';
import type { Diagnostic } from '../../core/errors.ts';
import { lastLines } from '../../core/text.ts';
import type { Explanation } from '../../monitor/outcome.ts';
import type { PipelineChange } from '../../plan/diff.ts';
import {
  consoleLink,
  limited,
  markdownBlock,
  markdownCode,
  markdownLink,
  markdownText,
  type SummaryView,
} from '../markdown.ts';
import type { RunReport, Status } from '../record.ts';

/** `from commit ... of ... by ...` follows. */
const DEEDS: Readonly<Record<Status, string>> = {
  succeeded: 'was deployed',
  reused: 'is registered already; it was asked for',
  started: 'is being deployed',
  planned: 'would be deployed',
  approved: 'was approved',
  rejected: 'was rejected',
  failed: 'was to be deployed',
  stopped: 'was to be deployed',
  cancelled: 'was to be deployed',
  'timed-out': 'was to be deployed',
};

const CHANGES: Readonly<Record<PipelineChange, string>> = {
  create: 'The pipeline was created.',
  update: 'The pipeline was updated.',
  none: 'The pipeline is unchanged.',
};

/** `none` stands for what is not known. */
const UNKNOWN = 'none';

/** What was deployed, from which commit and release, by which run and which change of the pipeline. */
export function leadSection(view: SummaryView): string {
  const { result } = view;
  const model = result.plan?.parameters['ModelS3Path'];
  if (model === undefined) return '';
  const deed = result.rehearsal === true ? 'was rehearsed' : DEEDS[result.status];
  // In a rehearsal's S3 a file of this machine has a name that nobody gave it.
  const given = result.rehearsal === true ? (result.inputs?.model.file ?? model) : model;
  const words = [`The model ${markdownCode(given)} ${deed}`, ...originWords(result)];
  const change = result.prepared === undefined ? '' : ` ${CHANGES[result.prepared.change]}`;
  return `${words.join(' ')}.${change}${executionText(view)}`;
}

function executionText(view: SummaryView): string {
  const { execution, rehearsal } = view.result;
  if (execution === undefined || rehearsal === true) return '';
  return ` ${consoleLink(view, 'Execution in the console', executionUrl(execution.arn))}.`;
}

function originWords({ origin, plan }: RunReport): readonly string[] {
  const parameters = plan?.parameters ?? {};
  const commit = known(origin?.provenance.commit ?? parameters['GitCommit']);
  const ref = known(origin?.provenance.ref ?? parameters['GitRef']);
  const repository = known(origin?.provenance.repository);
  const runUrl = known(origin?.provenance.runUrl ?? parameters['RunUrl']);
  const { releaseTag, actor } = origin ?? {};
  return [
    commit === undefined ? '' : `from commit ${commitText(commit, repository)}`,
    repository === undefined ? '' : `of ${link(repositoryName(repository), repository)}`,
    releaseTag === undefined ? '' : `(release ${releaseText(releaseTag, repository)})`,
    releaseTag === undefined && ref !== undefined ? `(${markdownText(ref, 200)})` : '',
    runUrl === undefined ? '' : `by ${link('this workflow run', runUrl)}`,
    actor === undefined ? '' : `of ${markdownText(actor, 100)}`,
  ].filter((word) => word !== '');
}

function known(value: string | undefined): string | undefined {
  return value === undefined || value === '' || value === UNKNOWN ? undefined : value;
}

function commitText(commit: string, repository: string | undefined): string {
  const isHash = /^[0-9a-f]{40,64}$/.test(commit);
  const label = isHash ? commit.slice(0, 7) : commit;
  return link(label, isHash && repository !== undefined ? `${repository}/commit/${commit}` : '');
}

function releaseText(tag: string, repository: string | undefined): string {
  return link(
    tag,
    repository === undefined ? '' : `${repository}/releases/tag/${encodeURIComponent(tag.toWellFormed())}`,
  );
}

function repositoryName(repository: string): string {
  return repository.split('/').slice(-2).join('/');
}

/** Text alone where the address is no plain https one. */
function link(label: string, url: string): string {
  return isHttps(url) ? markdownLink(label, url) : markdownText(label, 200);
}

function isHttps(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, username, password } = new URL(url);
  return protocol === 'https:' && username === '' && password === '';
}

/** Why the run is red, in an alert that cannot be overlooked: every finding, or the message where there is none. */
export function causeSection(view: SummaryView): string {
  const { error } = view.result;
  if (error === undefined) return '';
  // Of a failed execution the further diagnostics are the sections of the failed steps.
  const diagnostics = error.code === 'execution-failed' ? [] : error.diagnostics;
  const message = error.message.split('\n').filter((line) => line.trim() !== '');
  const paragraphs = [
    ...(diagnostics.length > 0
      ? [findingList(diagnostics, view)]
      : limited(
          view,
          message.map((line) => causeText(view, line)),
        )),
    error.advice === '' ? '' : causeText(view, error.advice),
  ];
  return `> [!CAUTION]\n> ${paragraphs.filter((text) => text !== '').join('\n>\n> ')}`;
}

function findingList(diagnostics: readonly Diagnostic[], view: SummaryView): string {
  const texts = limited(view, diagnostics.map(findingText));
  return texts.length === 1 ? texts.join('') : texts.map((text) => `- ${text}`).join('\n> ');
}

function findingText({ message, place }: Diagnostic): string {
  const where = [place?.file, place?.line, place?.column].filter((part) => part !== undefined).join(':');
  return markdownText(where === '' ? message : `${where}: ${message}`, 1000);
}

const CONSOLE_ADDRESS = /(https:\/\/[a-z0-9.-]+\.console\.aws\.amazon\.com\/\S*)/;

/** Text in which an address of the console becomes a link where it is one of ours; after a rehearsal it leads nowhere. */
function causeText({ result }: SummaryView, text: string): string {
  const ours = result.explanations.flatMap(({ jobName }) =>
    jobName === undefined ? [] : [jobUrl(jobName), jobLogUrl(jobName)],
  );
  const parts = text.split(CONSOLE_ADDRESS).map((part, index) => {
    if (index % 2 === 0) return spaced(part);
    if (result.rehearsal === true) return 'see below.';
    return ours.includes(part) ? `${markdownLink('in the console', part)}.` : markdownText(part);
  });
  return parts.join('');
}

/** markdownText trims; blanks between text and link stay. */
function spaced(text: string): string {
  const trimmed = markdownText(text, 1500);
  return `${/^\s/.test(text) ? ' ' : ''}${trimmed}${/\s$/.test(text) && trimmed !== '' ? ' ' : ''}`;
}

/** One section for each failed step: its reason, its links, and the tail of its log, folded. */
export function explanationSections(view: SummaryView): readonly string[] {
  return limited(
    view,
    view.result.explanations.map((explanation) => explanationSection(explanation, view)),
  );
}

function explanationSection(explanation: Explanation, view: SummaryView): string {
  const { attempts, exitMessage, jobName, logProblem, reason, step } = explanation;
  const tries = attempts > 1 ? `Failed after ${attempts} attempts. ` : '';
  return [
    `### ${markdownText(step, 100)}`,
    exitMessage === undefined || view.result.error?.message.includes(exitMessage) === true
      ? ''
      : `The container says: ${markdownText(exitMessage, 2000)}`,
    `${tries}AWS says: ${markdownText(reason, 2000)}`,
    jobName === undefined || view.result.rehearsal === true
      ? ''
      : `In the console: ${consoleLink(view, 'job', jobUrl(jobName))}, ${consoleLink(view, 'whole log', jobLogUrl(jobName))}`,
    logProblem === undefined ? '' : markdownText(logProblem),
    logSection(explanation, view),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function logSection({ logTail }: Explanation, { limits }: SummaryView): string {
  const lines = limits.logLines === 0 ? [] : logTail.slice(-limits.logLines);
  const cut = lines.length < logTail.length ? `${lines.length} of ` : '';
  const last = cut === '' ? lastLines(logTail.length) : `Last ${cut}${logTail.length} lines`;
  if (lines.length === 0) return cut === '' ? '' : '*The tail of the container log is in the log of this step.*';
  return `${last} of the container log:\n\n${markdownBlock(lines)}`;
}
