import type {
  Comparison,
  FieldChange,
  PartsComparison,
  PlannedRegistration,
  PlannedUpload,
  SourceChange,
} from '../compare/index.ts';
import type { Json } from '../core/json.ts';
import type { Tone } from '../core/runner.ts';
import { formatSize, printableLine } from '../core/text.ts';
import type { PlannedJob } from '../plan/definition.ts';
import { type PartDiff, type ValueChange, valueText } from '../plan/diff.ts';
import { type Detail, markdownCode, markdownTable, markdownText } from './markdown.ts';
import type { RunReport } from './record.ts';

/** One line of a comparison. A mark at its start shows the tone where there is no colour. */
export interface ToneLine {
  readonly text: string;
  readonly tone: Tone | undefined;
}

/** Longer values say nothing to a reader; plan-path has them whole. */
const VALUE_LENGTH = 300;

/** `!` a changed part, `+` what is new, `-` what goes: the marks that GitHub colours in a `diff` block. */
function diffLines(diff: readonly PartDiff[]): readonly ToneLine[] {
  return diff.flatMap((part) => {
    const name = [part.part, part.type].filter(Boolean).join('  ');
    switch (part.kind) {
      case 'added':
        return [{ text: `+ ${printableLine(`${name}${dependsOn(part)}`)}`, tone: 'good' as const }];
      case 'removed':
        return [{ text: `- ${printableLine(name)}`, tone: 'bad' as const }];
      case 'changed':
        return [{ text: `! ${printableLine(name)}`, tone: 'changed' as const }, ...part.changes.flatMap(changeLines)];
    }
  });
}

function changeLines(change: ValueChange): readonly ToneLine[] {
  return [
    { text: `#   ${printableLine(change.path)}`, tone: undefined },
    ...(change.old === undefined ? [] : [{ text: `-     ${shown(change.old)}`, tone: 'bad' as const }]),
    ...(change.new === undefined ? [] : [{ text: `+     ${shown(change.new)}`, tone: 'good' as const }]),
  ];
}

/** The first digits of a digest are enough to compare two; the rest hides what else is in a key. */
function shown(value: Json): string {
  return printableLine(valueText(value).replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1…'), VALUE_LENGTH);
}

function dependsOn({ changes }: PartDiff): string {
  const names = changes.find(({ path }) => path === 'DependsOn')?.new;
  return Array.isArray(names) && names.length > 0 ? `, after ${names.join(', ')}` : '';
}

/** What a deployment would do, in a few words: `would register 2 packages`. */
export function planHeadline({ status, comparison }: Pick<RunReport, 'status' | 'comparison'>): string {
  if (status !== 'planned') return 'a deployment would fail';
  const registrations = comparison?.registrations ?? [];
  if (comparison?.change === undefined || registrations.some(({ state }) => state === 'unknown'))
    return 'could not be compared';
  const news = registrations.filter(({ state }) => state === 'to register').length;
  const promoted = registrations.flatMap(({ becomes }) => becomes ?? []);
  const deeds = [
    ...(news === 0 ? [] : [`register ${packages(news)}`]),
    ...(promoted[0] === undefined ? [] : [`set ${packages(promoted.length)} to ${promoted[0]}`]),
  ];
  return deeds.length === 0 ? 'nothing would change' : `would ${deeds.join(' and ')}`;
}

function packages(count: number): string {
  return count === 1 ? '1 package' : `${count} packages`;
}

/** What becomes of the pipeline, in one sentence. A deployment that finds everything registered leaves it alone. */
function changeSentence({ change, diff, registrations }: Comparison): string {
  const leaves = registrations.every(({ state }) => state === 'registered');
  const parts = diff.map(({ part, kind }) => `${part} (${kind})`).join(', ');
  switch (change) {
    case undefined:
      return 'The deployed pipeline could not be compared.';
    case 'none':
      return 'The pipeline stays as it is.';
    case 'create':
      return leaves
        ? 'There is no pipeline, and none would be made: everything asked for is registered already.'
        : 'The pipeline would be created.';
    case 'update':
      return leaves
        ? `The pipeline differs and would stay as it is, since everything asked for is registered already: ${parts}.`
        : `The pipeline would be updated: ${parts}.`;
  }
}

/** `would be registered`, `registered already: arn:... (Approved)`. */
function registrationText({ state, arn, approval, becomes, refused }: PlannedRegistration): string {
  switch (state) {
    case 'registered': {
      const then = becomes === undefined ? '' : `; would be set to ${becomes}`;
      const fails = refused === true ? '; a deployment fails unless it says if-registered: again' : '';
      return `registered already: ${arn ?? ''} (${approval ?? 'unknown'})${then}${fails}`;
    }
    case 'to register':
      return 'would be registered';
    case 'unknown':
      return 'would be registered, unless it is already';
  }
}

function uploadText({ there }: PlannedUpload): string {
  return there === undefined ? 'not known' : there ? 'there already' : 'would be uploaded';
}

/** `12 files, 84.0 KB; 9 of them are there already`. */
function uploadsSentence(uploads: readonly PlannedUpload[]): string {
  const size = uploads.reduce((sum, { upload }) => sum + upload.sizeBytes, 0);
  const there = uploads.filter((entry) => entry.there === true).length;
  const unknown = uploads.some((entry) => entry.there === undefined);
  const rest = unknown ? 'what is there already is not known' : `${there} of them there already`;
  return `${uploads.length} files, ${formatSize(size)}; ${rest}`;
}

/** What a deployment costs, as a class: jobs, machines, and how many of them run one after another. */
function costSentences(jobs: readonly PlannedJob[]): readonly string[] {
  if (jobs.length === 0) return ['No job would run: everything asked for is registered already.'];
  const inRow = Math.max(...jobs.map(({ depth }) => depth)) + 1;
  const each = 'a job takes 2 to 8 minutes to come up';
  if (jobs.length === 1) return [`1 job; ${each}.`];
  return [`${jobs.length} jobs, ${inRow === 1 ? 'side by side' : `${inRow} of them one after another`}; ${each}.`];
}

function jobText({ instanceCount, instanceType, volumeGB, perhaps }: PlannedJob): string {
  const only = perhaps ? '; only if no earlier execution of this package is left' : '';
  return `${instanceCount} x ${instanceType}, ${volumeGB} GB disk${only}`;
}

/** Fields of the configuration in a comment or a summary. */
const FIELDS = 50;

function partsLines(parts: PartsComparison): readonly ToneLine[] {
  const lines = [...sourceSentences(parts), fieldsSentence(parts), ...(parts.fields ?? []).map(fieldLine)];
  return lines.map((text) => ({ text: `  ${text}`, tone: 'changed' }));
}

/** The whole comparison for a log. */
export function comparisonLines(comparison: Comparison): readonly ToneLine[] {
  const plain = (text: string): ToneLine => ({ text, tone: undefined });
  return [
    plain(`Plan         ${planHeadline({ status: 'planned', comparison })}`),
    plain(changeSentence(comparison)),
    ...(comparison.parts === undefined ? [] : partsLines(comparison.parts)),
    ...diffLines(readableDiff(comparison.diff, comparison.parts)),
    plain(`Regions      ${comparison.registrations.length}`),
    ...comparison.registrations.map((entry) => plain(`  ${entry.registration.region}  ${registrationText(entry)}`)),
    plain(`Uploads      ${uploadsSentence(comparison.uploads)}`),
    ...comparison.uploads.map((entry) => plain(`  ${uploadText(entry).padEnd(17)} ${uploadLine(entry)}`)),
    plain(`Cost         ${costSentences(comparison.jobs).join(' ')}`),
    ...comparison.jobs.map((job) => plain(`  ${job.step.padEnd(17)} ${jobText(job)}`)),
    ...(comparison.loadTest === undefined ? [] : [plain(`Load test    ${comparison.loadTest}`)]),
    ...comparison.problems.map((problem) => ({ text: problem, tone: 'changed' as const })),
  ];
}

function uploadLine({ upload }: PlannedUpload): string {
  return `${upload.what}: ${upload.target.key.split('/').slice(-1).join('')} (${formatSize(upload.sizeBytes)})`;
}

/** A comparison in the job summary and in the pull-request comment. */
export function comparisonMarkdown(comparison: Comparison, detail: Detail): string {
  const { problems, registrations } = comparison;
  const regions = registrations.map((entry) => [entry.registration.region, markdownText(registrationText(entry))]);
  return [
    '### What would change',
    markdownText(changeSentence(comparison)),
    comparison.parts === undefined ? '' : partsMarkdown(comparison.parts, Math.min(detail.diffLines, FIELDS)),
    diffSection(comparison, detail),
    markdownTable(['Region', 'Model package'], regions),
    detail.uploads ? uploadsSection(comparison) : `Uploads: ${markdownText(uploadsSentence(comparison.uploads))}`,
    costSection(comparison),
    comparison.loadTest === undefined ? '' : markdownText(comparison.loadTest),
    problems.map((problem) => `- ⚠️ ${markdownText(problem, 1000)}`).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/**
 * Every line begins with a mark, so that nothing in it can end the block; GitHub colours them. Text inside a block is
 * neither HTML nor a mention.
 */
function diffSection({ diff, parts }: Comparison, { diffLines: most }: Detail): string {
  const lines = diffLines(readableDiff(diff, parts)).map(({ text }) => text);
  if (lines.length === 0 || most === 0) return '';
  const more = lines.length > most ? [`# ... ${lines.length - most} more lines; plan-path has them`] : [];
  return ['```diff', ...lines.slice(0, most), ...more, '```'].join('\n');
}

function uploadsSection({ uploads }: Comparison): string {
  const rows = uploads.map((entry) => [
    markdownText(entry.upload.what),
    markdownCode(entry.upload.target.key.split('/').slice(-1).join('')),
    formatSize(entry.upload.sizeBytes),
    uploadText(entry),
  ]);
  const table = markdownTable(['What', 'Name', 'Size', 'In S3'], rows);
  return `<details>\n<summary>Uploads: ${markdownText(uploadsSentence(uploads))}</summary>\n\n${table}\n\n</details>`;
}

function costSection({ jobs }: Comparison): string {
  const sentences = costSentences(jobs)
    .map((sentence) => markdownText(sentence))
    .join(' ');
  if (jobs.length === 0) return sentences;
  const rows = jobs.map((job) => [markdownText(job.step), markdownText(jobText(job))]);
  return `${sentences}\n\n${markdownTable(['Job', 'Machine'], rows)}`;
}

const DIGEST = /\b[0-9a-f]{64}\b/g;
const FIELD_LENGTH = 200;

/**
 * The difference without what only digests differ in: what they stand for is shown field by field. Whole where that is
 * not known.
 */
function readableDiff(diff: readonly PartDiff[], parts: PartsComparison | undefined): readonly PartDiff[] {
  if (parts?.fields === undefined) return diff;
  return diff.flatMap((part) => {
    if (part.kind !== 'changed') return [part];
    const changes = part.changes.filter((change) => !differsInDigests(change));
    return changes.length === 0 ? [] : [{ ...part, changes }];
  });
}

function differsInDigests({ old, new: present }: ValueChange): boolean {
  if (old === undefined || present === undefined) return false;
  return JSON.stringify(old).replace(DIGEST, '#') === JSON.stringify(present).replace(DIGEST, '#');
}

/** `The inference code differs (0123456789ab… deployed, ba9876543210… planned).` */
function sourceSentences({ sources }: PartsComparison): readonly string[] {
  return sources.map(({ what, old, new: present }: SourceChange) => {
    if (old === undefined) return `The ${what} is new.`;
    if (present === undefined) return `The ${what} is used no more.`;
    return `The ${what} differs (${old.slice(0, 12)}… deployed, ${present.slice(0, 12)}… planned).`;
  });
}

function fieldsSentence({ fields }: PartsComparison): string {
  if (fields === undefined) return 'What the deployed pipeline was configured with is not recorded.';
  return fields.length === 0
    ? 'No field of the configuration that reaches a package differs.'
    : `${fields.length} ${fields.length === 1 ? 'field' : 'fields'} of the configuration ${fields.length === 1 ? 'differs' : 'differ'}.`;
}

/** For a log: `owner: a@example.com -> b@example.com`. */
function fieldLine(change: FieldChange): string {
  return `${fieldName(change)}: ${fieldValue(change.old) ?? 'nothing'} -> ${fieldValue(change.new) ?? 'nothing'}`;
}

function fieldName({ field, regions }: FieldChange): string {
  return regions.length === 0 ? field : `${field} (${regions.join(', ')})`;
}

function fieldValue(value: Json | undefined): string | undefined {
  return value === undefined ? undefined : printableLine(valueText(value), FIELD_LENGTH) || '""';
}

/** What changes behind the digests, for a reader of the comment or the summary. */
function partsMarkdown(parts: PartsComparison, most: number): string {
  const fields = parts.fields ?? [];
  const cell = (value: Json | undefined) => {
    const text = fieldValue(value);
    return text === undefined ? '' : markdownCode(text, FIELD_LENGTH);
  };
  const rows = fields
    .slice(0, most)
    .map((change) => [markdownText(fieldName(change)), cell(change.old), cell(change.new)]);
  const more = fields.length - rows.length;
  return [
    [...sourceSentences(parts), fieldsSentence(parts)].map((sentence) => `- ${markdownText(sentence)}`).join('\n'),
    rows.length === 0 ? '' : markdownTable(['Field', 'Deployed', 'Planned'], rows),
    more > 0 ? `*and ${more} more; plan-path has them all*` : '',
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
