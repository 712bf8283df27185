import type { JsonObject } from '../../contracts.ts';
import { number, object, objects, text } from '../json.ts';
import type { Limits, Stage } from './load.ts';

/** Users join by the minute, so a test is looked at by the minute. */
const stageSeconds = 60;

/**
 * The users of a traffic pattern over time.
 * @param timeScale a second of the pattern lasts this many times shorter
 */
export function stagesOf(pattern: JsonObject, timeScale: number): Stage[] {
  const stairs = object(pattern, 'Stairs');
  const stages =
    text(pattern, 'TrafficType') === 'STAIRS' && stairs !== undefined ? stepsOf(stairs) : phasesOf(pattern);
  return stages.map(({ users, seconds }) => ({ users, durationMs: (seconds * 1000) / timeScale }));
}

type Plan = { readonly users: number; readonly seconds: number };

function stepsOf(stairs: JsonObject): Plan[] {
  const seconds = number(stairs, 'DurationInSeconds') ?? stageSeconds;
  const each = number(stairs, 'UsersPerStep') ?? 1;
  const steps = number(stairs, 'NumberOfSteps') ?? 1;
  return Array.from({ length: steps }, (_, index) => ({ users: each * (index + 1), seconds }));
}

/** A phase goes on with the users of the one before where it has more than it names itself. */
function phasesOf(pattern: JsonObject): Plan[] {
  const plans: Plan[] = [];
  let users = 0;
  for (const phase of objects(pattern, 'Phases')) {
    users = Math.max(users, number(phase, 'InitialNumberOfUsers') ?? 1);
    const spawned = number(phase, 'SpawnRate') ?? 0;
    for (let left = number(phase, 'DurationInSeconds') ?? stageSeconds; left > 0; left -= stageSeconds) {
      plans.push({ users, seconds: Math.min(left, stageSeconds) });
      users += spawned;
    }
  }
  return plans;
}

export function limitsOf(conditions: JsonObject): Limits {
  const [threshold = {}] = objects(conditions, 'ModelLatencyThresholds');
  const maxInvocationsPerMinute = number(conditions, 'MaxInvocations');
  const maxLatencyMs = number(threshold, 'ValueInMilliseconds');
  return {
    percentile: Number((text(threshold, 'Percentile') ?? 'P95').slice(1)),
    stopsWhenFlat: text(conditions, 'FlatInvocations') !== 'Continue',
    ...(maxInvocationsPerMinute === undefined ? {} : { maxInvocationsPerMinute }),
    ...(maxLatencyMs === undefined ? {} : { maxLatencyMs }),
  };
}
