/** Every question, in the order of the report. */
import type { Probe } from '../probe.ts';
import { stepArguments } from './arguments.ts';
import { cache } from './cache.ts';
import { copies } from './copies.ts';
import { definitions } from './definitions.ts';
import { executions } from './executions.ts';
import { image } from './image.ts';
import { jobs } from './jobs.ts';
import { limits } from './limits.ts';
import { metadata } from './metadata.ts';
import { objects } from './objects.ts';
import { recommender } from './recommender.ts';
import { registrations } from './registrations.ts';
import { registry } from './registry.ts';
import { selective } from './selective.ts';
import { steps } from './steps.ts';
import { versions } from './versions.ts';
import { wordings } from './wordings.ts';

export interface Theme {
  readonly title: string;
  readonly probes: readonly Probe[];
}

export const THEMES: readonly Theme[] = [
  { title: 'Pipeline definitions', probes: [...definitions, ...limits, ...stepArguments] },
  { title: 'Pipelines and their versions', probes: versions },
  { title: 'Executions', probes: [...steps, ...executions] },
  { title: 'Selective executions', probes: selective },
  { title: 'Model registry', probes: [...registry, ...registrations, ...metadata] },
  { title: 'What is not there', probes: wordings },
  { title: 'S3', probes: [...objects, ...copies] },
  { title: 'Processing jobs and their cache', probes: [...cache, ...jobs] },
  { title: 'The inference image', probes: image },
  { title: 'Inference Recommender', probes: recommender },
];

export const PROBES: readonly Probe[] = THEMES.flatMap(({ probes }) => probes);
