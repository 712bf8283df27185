import { anonymizer } from './anonymize.ts';
import { anonymizerFor } from './answers.ts';
import type { Removal } from './cleanup.ts';
import type { Options } from './options.ts';
import type { Answer, Json } from './outcome.ts';
import { THEMES } from './probes/index.ts';
import type { Result } from './run.ts';

/** `report.md`, for readers who have never used SageMaker. */

export interface Report {
  readonly options: Options;
  readonly results: readonly Result[];
  readonly removal: Removal;
  readonly links: readonly { readonly what: string; readonly url: string }[];
  readonly interrupted: boolean;
}

type Mark = 'holds' | 'contradicted' | 'unknown' | 'not asked' | 'failed';

export function markOf(result: Result): Mark {
  if (result.state === 'asked') return result.verdict;
  return result.state === 'skipped' ? 'not asked' : 'failed';
}

const MEANINGS: readonly (readonly [Mark, string])[] = [
  ['contradicted', 'AWS answers otherwise than our code assumes: the code (or its description) has to change'],
  ['holds', 'AWS answers as our code assumes'],
  ['unknown', 'asked, and the answer decides nothing (most often: who was asked does not offer it)'],
  ['failed', 'could not be asked: something else went wrong, told below'],
  ['not asked', 'needs a flag that was not given'],
];

const READING = [
  'How to read an answer:\n',
  '* `accepted`: AWS took the call. `ValidationException`, `ResourceNotFound`, `ConflictException` and the like are the',
  '  codes of refusals, numbers like `412` those of S3 (200 is accepted). A refusal can be what was assumed. *Throttling*',
  '  refuses calls that come too fast; they are made again later.',
  '* `words: as assumed`: the message of a refusal has the words that our code looks for; `others`: it has not.',
  "* What follows as a quotation is AWS's own message. `‹run›`, `‹bucket›`, `‹arn›` and `‹account›` stand where names of",
  '  this account stood; an ARN is the full name of a thing in AWS.',
  '* "Asked by" names the calls of the AWS API whose answers decide, "Assumed" where in our documentation that stands.\n',
];

export function renderReport(report: Report): string {
  const { results, interrupted } = report;
  const parts = [
    '# What AWS answered\n',
    'bsm-pytorch-deploy takes trained models to Amazon SageMaker: it describes the work as a *pipeline* (a JSON',
    'definition of steps), lets SageMaker run it (an *execution*), and the last step enters the model into a *registry*',
    'as a numbered *package* of a *group*. What has to be computed runs as a *processing job*: a script in a container,',
    'paid by the second. Much of how AWS behaves there is not documented, so the code rests on assumptions. Each question',
    'below checks one of them against the account that was asked.\n',
    'Words of ours: a *deployment* is one run of the action, and *preflight* what it checks before it makes anything. A',
    '*fingerprint* is a digest of all that goes into a package, by which a deployment finds what is registered already. A',
    '*claim* is a small object in S3 by which one of several deployments takes it upon itself to start. *Regional* is what',
    'happens in another region than the one that the pipeline runs in.\n',
    ...(interrupted ? ['**The run was interrupted: not every question was asked.**\n'] : []),
    '| verdict | questions | meaning |\n|---|---|---|',
    ...MEANINGS.map(
      ([mark, meaning]) => `| ${mark} | ${results.filter((r) => markOf(r) === mark).length} | ${meaning} |`,
    ),
    '',
    ...READING,
    ...leftovers(report),
    ...links(report),
    ...overview(results),
    '## In full\n',
    ...ordered(results).map((result) => renderResult(result, report.options)),
  ];
  return `${parts.join('\n')}\n`;
}

function leftovers({ removal, options }: Report): string[] {
  const anonymize = anonymizer({});
  if (removal.left.length === 0)
    return [`Everything that the run made was removed (${removal.removed.length} removals).\n`];
  return [
    '## What could not be removed\n',
    `Remove these by hand, or run the command again with \`--clean ${options.run}\`:\n`,
    ...removal.left.map(({ what, why }) => `* ${inline(what)}: ${inline(plain(anonymize({ why })['why'] ?? ''))}`),
    '',
  ];
}

function links(report: Report): string[] {
  if (report.links.length === 0) return [];
  return [
    '## Pages of the AWS console\n',
    'The action prints links of these forms. A person has to look whether they open what they name (while the run is on:',
    'what they show is removed at its end).\n',
    ...report.links.map(({ what, url }) => `* ${what}: <${url}>`),
    '',
  ];
}

function overview(results: readonly Result[]): string[] {
  const byId = new Map(results.map((result) => [result.probe.id, result]));
  return THEMES.flatMap(({ title, about, probes }) => {
    const rows = probes.flatMap(({ id }) => byId.get(id) ?? []);
    if (rows.length === 0) return [];
    return [
      `## ${title}\n`,
      `${about}\n`,
      '| verdict | question |\n|---|---|',
      ...rows.map((row) => `| ${markOf(row)} | [${cell(row.probe.question)}](#${row.probe.id}) |`),
      '',
    ];
  });
}

/** What needs somebody's attention comes first. */
function ordered(results: readonly Result[]): readonly Result[] {
  const rank = (result: Result) => ['contradicted', 'failed', 'unknown', 'holds', 'not asked'].indexOf(markOf(result));
  return [...results].sort((left, right) => rank(left) - rank(right));
}

function renderResult(result: Result, options: Options): string {
  const { probe } = result;
  return [
    `### ${probe.id}\n`,
    `* **Question:** ${probe.question}`,
    `* **Why it matters:** ${probe.matters}`,
    `* **Assumed:** ${probe.assumed} (${sourceOf(probe.source)})`,
    `* **Answered:** ${answered(result, options)}`,
    `* **Verdict:** ${verdict(result)}`,
    `* **Asked by:** ${probe.calls.join(', ')}`,
    '',
  ].join('\n');
}

function verdict(result: Result): string {
  const mark = markOf(result);
  const { undecided } = result.probe;
  if (mark === 'contradicted')
    return 'contradicted (what to do: docs/conformance.md, "When something is contradicted")';
  if (mark !== 'unknown' || result.state !== 'asked') return mark;
  if (result.answer['notOffered'] === true) return 'unknown: who was asked does not offer this call.';
  return undecided === undefined ? mark : `unknown: ${undecided}`;
}

function sourceOf(source: string): string {
  const [kind, place = ''] = source.split(': ');
  return kind === 'answers' ? `docs/aws-answers.md, "${place}"` : `docs/design.md, section ${place}`;
}

function answered(result: Result, options: Options): string {
  if (result.state === 'skipped')
    return `not asked; it needs ${result.missing.map((need) => `\`--${need}\``).join(', ')}`;
  const anonymize = anonymizerFor(options);
  if (result.state === 'failed')
    return `could not be asked: ${inline(plain(anonymize({ reason: result.reason })['reason'] ?? ''))}`;
  return facts(anonymize(result.answer));
}

function facts(answer: Answer): string {
  const { said = null, ...told } = answer;
  const listed = Object.entries(told).map(([name, value]) => `${name}: ${inline(plain(value))}`);
  const words = wordsOf(said).map((text) => `\n  > ${cell(text.slice(0, 400)).replaceAll('`', "'")}`);
  return `${listed.join('; ')}${words.length > 0 ? ". In AWS's words:\n" : ''}${words.join('\n')}`;
}

function wordsOf(said: Json): string[] {
  if (typeof said === 'string') return said === '' ? [] : [said];
  if (typeof said !== 'object' || said === null) return [];
  return Object.values(said).flatMap((item) => wordsOf(item as Json));
}

function plain(value: Json): string {
  if (typeof value === 'string') return value === '' ? 'empty' : value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (value === null) return 'none';
  if (!Array.isArray(value)) return JSON.stringify(value);
  return value.length === 0 ? 'none' : value.map((item: Json) => plain(item)).join(', ');
}

/** As code, so that nothing in it is Markdown. */
function inline(text: string): string {
  return `\`${cell(text).replaceAll('`', "'")}\``;
}

function cell(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('<', '‹').replaceAll('>', '›').trim();
}
