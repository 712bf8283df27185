import type { RehearsalSources } from './index.ts';
import type { OpenStage } from './stage.ts';

/** The caller's own AWS, or a rehearsal's, which is loaded only for one. */
export function createOpenStage(sources: RehearsalSources): OpenStage {
  return async (request) => {
    if (request.inputs.mode === 'rehearse') {
      const { openRehearsal } = await import('./index.ts');
      return openRehearsal(request, sources);
    }
    const nothing = async (): Promise<void> => undefined;
    return { aws: sources.openAws(), runner: sources.runner, rehearsal: false, checks: [], close: nothing };
  };
}
