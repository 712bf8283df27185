import type { StepState, StepStatus } from '../../core/runner.ts';
import { formatDuration, shorten } from '../../core/text.ts';
import { stepDurationMs } from '../../monitor/watch.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Distances of the time axis, with its format (d3's): the first that needs few enough ticks is taken. */
const TICKS: readonly { readonly ms: number; readonly interval: string; readonly format: string }[] = [
  ...[1, 2, 5, 10, 15, 30].map((n) => ({ ms: n * SECOND, interval: `${n}second`, format: '%H:%M:%S' })),
  ...[1, 2, 5, 10, 15, 30].map((n) => ({ ms: n * MINUTE, interval: `${n}minute`, format: '%H:%M' })),
  ...[1, 2, 3, 6, 12].map((n) => ({ ms: n * HOUR, interval: `${n}hour`, format: '%H:%M' })),
  ...[1, 2, 5].map((n) => ({ ms: n * DAY, interval: `${n}day`, format: '%m-%d' })),
];
const MOST_TICKS = 7;
const LAST_TICK = { interval: '1week', format: '%m-%d' };

/** A bar shorter than this part of the drawing would be invisible: about 4 pixels. */
const SHORTEST_BAR = 1 / 180;

/** Mermaid refuses texts over 50,000 characters; a drawing with more bars says nothing anyway. */
const MOST_BARS = 40;

/** Names stand in the padding at the left (pixels); the axis is drawn 50 pixels above the lower edge. */
const CONFIG = `---
config:
  themeCSS: ".grid .tick line { stroke-opacity: 0.25 }"
  gantt:
    leftPadding: 190
    topPadding: 50
    barHeight: 22
    barGap: 6
    fontSize: 12
    sectionFontSize: 12
    numberSectionStyles: 2
---`;

/** `crit` is drawn red, `active` light, `done` grey: the last for what the cache served. */
const TAGS: Readonly<Partial<Record<StepStatus, string>>> = {
  Starting: 'active',
  Executing: 'active',
  Stopping: 'active',
  Stopped: 'crit',
  Failed: 'crit',
  Succeeded: '',
};

/** The run as a Mermaid gantt chart, one bar for each step that was started; empty where none was. */
export function runDiagram(steps: readonly StepState[], nowMs: number): string {
  const started = steps.filter(hasStarted).slice(0, MOST_BARS);
  if (started.length === 0) return '';
  const firstMs = Math.min(...started.map(({ startedAtMs }) => startedAtMs));
  const lastMs = Math.max(...started.map((step) => endMs(step, nowMs)));
  const spanMs = Math.max(lastMs - firstMs, SECOND);
  const { interval, format } = TICKS.find(({ ms }) => spanMs / ms <= MOST_TICKS) ?? LAST_TICK;
  const head = ['gantt', '  accTitle: Steps of the run', '  dateFormat x', `  axisFormat ${format}`];
  const bars = started.flatMap((step, index) => {
    const toMs = Math.ceil(Math.max(endMs(step, nowMs), step.startedAtMs + spanMs * SHORTEST_BAR));
    const tag = step.status === 'Succeeded' && step.cachedFrom !== undefined ? 'done' : (TAGS[step.status] ?? 'active');
    const data = [tag, `step${index}`, String(Math.floor(step.startedAtMs)), String(toMs)];
    return [
      `  section ${plain(step.name)}`,
      `  ${label(step, nowMs)} :${data.filter((part) => part !== '').join(', ')}`,
    ];
  });
  const lines = [CONFIG, ...head, `  tickInterval ${interval}`, '  todayMarker off', ...bars];
  return `\`\`\`mermaid\n${lines.join('\n')}\n\`\`\``;
}

type Started = StepState & { readonly startedAtMs: number };

function hasStarted(step: StepState): step is Started {
  return Number.isFinite(step.startedAtMs);
}

function endMs({ startedAtMs, endedAtMs }: Started, nowMs: number): number {
  return Math.max(endedAtMs ?? nowMs, startedAtMs);
}

/** `Succeeded, 4 min 10 s, 2 attempts, cached` */
function label(step: Started, nowMs: number): string {
  return [
    plain(step.status),
    formatDuration(stepDurationMs(step, nowMs) ?? 0),
    step.attempts > 1 ? `${step.attempts} attempts` : '',
    step.cachedFrom === undefined ? '' : 'cached',
  ]
    .filter((part) => part !== '')
    .join(', ');
}

/** Only what has no meaning to Mermaid, and fits into the padding. A leading underscore could spell `__proto__`. */
function plain(name: string): string {
  const text = name.replace(/[^A-Za-z0-9_. -]+/g, ' ').replace(/^[\s_.-]+|[\s_]+$/g, '');
  return shorten(text === '' ? 'step' : text, 26);
}
