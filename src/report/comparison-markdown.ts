import type { Comparison } from '../compare/types.ts';
import { formatSize } from '../core/text/format.ts';
import {
  changeSentence,
  costSentences,
  diffLines,
  jobText,
  registrationText,
  uploadsSentence,
  uploadText,
} from './comparison.ts';
import { markdownCode, markdownTable, markdownText } from './markdown.ts';

/** How much of a comparison is shown. */
export interface Detail {
  readonly uploads: boolean;
  readonly diffLines: number;
}

/** A comparison in the job summary and in the pull-request comment. */
export function comparisonMarkdown(comparison: Comparison, detail: Detail): string {
  const { problems, registrations } = comparison;
  const regions = registrations.map((entry) => [entry.registration.region, markdownText(registrationText(entry))]);
  return [
    '### What would change',
    markdownText(changeSentence(comparison)),
    diffSection(comparison, detail),
    markdownTable(['Region', 'Model package'], regions),
    detail.uploads ? uploadsSection(comparison) : `Uploads: ${markdownText(uploadsSentence(comparison.uploads))}`,
    costSection(comparison),
    problems.map((problem) => `- ⚠️ ${markdownText(problem, 1000)}`).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/**
 * Every line begins with a mark, so that nothing in it can end the block; GitHub colours them. Text inside a block is
 * neither HTML nor a mention.
 */
function diffSection({ diff }: Comparison, { diffLines: most }: Detail): string {
  const lines = diffLines(diff).map(({ text }) => text);
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
