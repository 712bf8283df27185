/** What a run costs, said before it begins. Prices of us-east-1, rounded up; AWS's own price list is what counts. */
import type { Options } from './options.ts';
import type { Probe } from './probe.ts';
import { missingNeeds } from './run.ts';

export interface Cost {
  readonly usd: number;
  readonly lines: readonly string[];
}

/** Five minutes of ml.t3.medium ($0.05 an hour) with 30 GB of disk, and what comes up to it. */
const JOB_USD = 0.02;

export function costOf(probes: readonly Probe[], options: Options): Cost {
  const asked = probes.filter((probe) => missingNeeds(probe, options).length === 0);
  const jobs = new Set(asked.flatMap((probe) => probe.jobs ?? []));
  const needs = new Set(asked.flatMap((probe) => probe.needs ?? []));
  const rows: [usd: number, line: string][] = [
    [
      0.01,
      `${asked.length} ${asked.length === 1 ? 'probe' : 'probes'}: calls, small objects, pipelines, models and packages (less than $0.01)`,
    ],
  ];
  if (jobs.size > 0) {
    const usd = jobs.size * JOB_USD;
    rows.push([
      usd,
      `${jobs.size} processing ${jobs.size === 1 ? 'job' : 'jobs'} of about five minutes (about ${dollars(usd)})`,
    ]);
  }
  if (needs.has('large-copy')) rows.push([0.15, '6 GB copied into another region (about $0.15)']);
  if (needs.has('load-test')) {
    rows.push([0.5, 'load tests that are stopped at once, with up to four endpoints meanwhile (up to $0.50)']);
  }
  if (needs.has('bucket-policy')) rows.push([0, 'a bucket of its own, with a policy (nothing)']);
  return { usd: rows.reduce((sum, [usd]) => sum + usd, 0), lines: rows.map(([, line]) => line) };
}

export function dollars(usd: number): string {
  return `$${usd.toFixed(2)}`;
}
