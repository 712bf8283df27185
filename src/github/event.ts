import { readFileSync } from 'node:fs';
import type { Environment } from '../core/context.ts';
import { isObject, parseJsonObject, textIn } from '../core/json.ts';

/**
 * The newest commit of the branch of a pull request whose event this is; undefined for every other event. Read without
 * `@actions/github`, which most runs do not load.
 */
export function pullRequestHead(environment: Environment): string | undefined {
  const pullRequest = parseJsonObject(readEvent(environment['GITHUB_EVENT_PATH'] ?? ''))?.['pull_request'];
  const head = isObject(pullRequest) ? pullRequest['head'] : undefined;
  const commit = isObject(head) ? textIn(head, 'sha') : '';
  return commit === '' ? undefined : commit;
}

function readEvent(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
