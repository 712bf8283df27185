import { isObject, type Json, type JsonObject, textIn } from '../core/json.ts';

/** One processing job that an execution of the pipeline starts. */
export interface PlannedJob {
  readonly step: string;
  readonly instanceType: string;
  readonly instanceCount: number;
  readonly volumeGB: number;
  /** How many jobs must have ended before this one starts: 0 for the first on its path. */
  readonly depth: number;
  /** Runs only if no earlier execution of this package is left. */
  readonly perhaps: boolean;
}

/** The jobs of a definition: what a deployment costs. Steps of other types run no job. */
export function plannedJobs({ Steps: steps }: JsonObject): readonly PlannedJob[] {
  const all = (Array.isArray(steps) ? steps : []).filter(isObject);
  return all.filter(isJob).map((step) => {
    const cluster = inside(step, ['Arguments', 'ProcessingResources', 'ClusterConfig']);
    return {
      step: textIn(step, 'Name'),
      instanceType: textIn(cluster, 'InstanceType'),
      instanceCount: Number(cluster['InstanceCount']),
      volumeGB: Number(cluster['VolumeSizeInGB']),
      depth: depth(step, all),
      perhaps: false,
    };
  });
}

function isJob({ Type: type }: JsonObject): boolean {
  return type === 'Processing';
}

function depth(step: JsonObject, all: readonly JsonObject[]): number {
  const names = Array.isArray(step['DependsOn']) ? step['DependsOn'] : [];
  const before = all.filter(({ Name: name }) => names.includes(name as Json));
  return Math.max(0, ...before.map((other) => depth(other, all) + (isJob(other) ? 1 : 0)));
}

function inside(value: JsonObject, path: readonly string[]): JsonObject {
  let found = value;
  for (const key of path) {
    const next = found[key];
    found = isObject(next) ? next : {};
  }
  return found;
}
