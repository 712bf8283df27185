import { jobLogUrl, jobUrl } from '../../aws/console-urls.ts';
import type { StepState } from '../../aws/types.ts';
import { formatDuration } from '../../core/text/format.ts';
import { stepDurationMs } from '../../monitor/step-lines.ts';
import { markdownText } from '../markdown.ts';
import { runDiagram } from './diagram.ts';
import { consoleLink, limitedTable, type View } from './view.ts';

const HEADER = ['Step', 'Status', 'Duration', 'Attempts', 'Cached', 'Started'];

/** The steps as a table, and the same as a diagram. `Started` counts from the first step's start. */
export function stepsSection(view: View): string {
  const { rehearsal, steps } = view.result;
  if (steps.length === 0) return '';
  const firstMs = Math.min(...steps.flatMap(({ startedAtMs }) => startedAtMs ?? []));
  const withJobs = rehearsal !== true && steps.some(({ jobArn }) => jobArn !== undefined);
  const rows = steps.map((step) => [...factsOf(step, firstMs, view.nowMs), ...(withJobs ? [links(step, view)] : [])]);
  const table = limitedTable(view, [...HEADER, ...(withJobs ? ['Console'] : [])], rows);
  return ['### Steps', table, runDiagram(steps, view.nowMs)].filter((part) => part !== '').join('\n\n');
}

function factsOf(step: StepState, firstMs: number, nowMs: number): readonly string[] {
  const { attempts, cachedFrom, name, startedAtMs, status } = step;
  const took = stepDurationMs(step, nowMs);
  return [
    markdownText(name, 100),
    status === 'Failed' ? '**Failed**' : markdownText(status, 100),
    took === undefined ? '' : formatDuration(took),
    String(attempts),
    cachedFrom === undefined ? '' : 'yes',
    startedAtMs === undefined ? '' : `+${formatDuration(startedAtMs - firstMs)}`,
  ];
}

function links({ jobArn }: StepState, view: View): string {
  if (jobArn === undefined) return '';
  const name = jobArn.slice(jobArn.lastIndexOf('/') + 1);
  return `${consoleLink(view, 'job', jobUrl(name))}, ${consoleLink(view, 'log', jobLogUrl(name))}`;
}
