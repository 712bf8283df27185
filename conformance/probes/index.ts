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
  /** For readers who have never used SageMaker. */
  readonly about: string;
  readonly probes: readonly Probe[];
}

export const THEMES: readonly Theme[] = [
  {
    title: 'Pipeline definitions',
    about:
      'A definition is a JSON text with the steps of a pipeline. Creating a pipeline runs nothing and costs nothing, so most limits are asked by creating pipelines that nobody starts.',
    probes: [...definitions, ...limits, ...stepArguments],
  },
  {
    title: 'Pipelines and their versions',
    about:
      'A pipeline is created once and updated by every deployment that changes it; each change is a numbered version. A request token says that a call is a repetition of an earlier one, whose answer was lost.',
    probes: versions,
  },
  {
    title: 'Executions',
    about:
      'A start of a pipeline is an execution: its steps run one after the other, and each has a status of its own. Here the steps only make models and packages, which takes seconds and costs nothing.',
    probes: [...steps, ...executions],
  },
  {
    title: 'Selective executions',
    about:
      'A selective start runs only some steps, and takes the results of the others from an earlier execution, the source. That is how one region that failed is registered without packaging the model again.',
    probes: selective,
  },
  {
    title: 'Model registry',
    about:
      'A group holds numbered packages (versions) of one model. A package has an approval status, which says whether it may go live, and customer metadata: names and values of our own, in which a deployment records what was registered. A condition key lets a policy decide by what a call wants to set.',
    probes: [...registry, ...registrations, ...metadata],
  },
  {
    title: 'What is not there',
    about: 'Our code tells "not there" (make it) from "not allowed" (stop) by the code and the words of a refusal.',
    probes: wordings,
  },
  {
    title: 'S3',
    about:
      "Models lie in S3 buckets. Writes with a condition (If-None-Match: only where nothing is there; If-Match: only where the object is still the one with this tag, its ETag) keep two jobs from overwriting each other's files and records. KMS is AWS's service for keys that encrypt; an object of the storage class GLACIER is archived, and must be restored before it can be read; an alias is a copy of a file under a name that stays the same.",
    probes: [...objects, ...copies],
  },
  {
    title: 'Processing jobs and their cache',
    about:
      'A job runs a script in a container, paid by the second. SageMaker does not run a step again that it takes for the same as before (a cache hit): what it compares decides whether an old package could be registered for a new model.',
    probes: [...cache, ...jobs],
  },
  {
    title: 'The inference image',
    about:
      'The container image of AWS that will serve the model. Our script runs in it, and tries the model where it will be served.',
    probes: image,
  },
  {
    title: 'Inference Recommender',
    about:
      'The part of SageMaker that puts a package onto an endpoint (a server that answers with the model) for a while, sends it requests of so many users at a time, and measures how it bears them.',
    probes: recommender,
  },
];

export const PROBES: readonly Probe[] = THEMES.flatMap(({ probes }) => probes);
