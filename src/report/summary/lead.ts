import type { PipelineChange } from '../../apply/pipeline.ts';
import { executionUrl } from '../../aws/console-urls.ts';
import { markdownCode, markdownLink, markdownText } from '../markdown.ts';
import type { Result, Status } from '../record.ts';
import { consoleLink, type View } from './view.ts';

/** `from commit ... of ... by ...` follows. */
const DEEDS: Readonly<Record<Status, string>> = {
  succeeded: 'was deployed',
  reused: 'is registered already; it was asked for',
  started: 'is being deployed',
  planned: 'would be deployed',
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
export function leadSection(view: View): string {
  const { result } = view;
  const model = result.plan?.parameters['ModelS3Path'];
  if (model === undefined) return '';
  const deed = result.rehearsal === true ? 'was rehearsed' : DEEDS[result.status];
  const words = [`The model ${markdownCode(model)} ${deed}`, ...originWords(result)];
  const change = result.prepared === undefined ? '' : ` ${CHANGES[result.prepared.change]}`;
  return `${words.join(' ')}.${change}${executionText(view)}`;
}

function executionText(view: View): string {
  const { execution, rehearsal } = view.result;
  if (execution === undefined || rehearsal === true) return '';
  return ` ${consoleLink(view, 'Execution in the console', executionUrl(execution.arn))}.`;
}

function originWords({ origin, plan }: Result): readonly string[] {
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
