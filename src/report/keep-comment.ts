import type { Context } from '../core/context.ts';
import type { Runner } from '../core/runner.ts';
import type { Inputs } from '../inputs/index.ts';
import { planComment } from './plan-comment.ts';
import type { Unfinished } from './record.ts';

/** Comments of the pull request that a run belongs to. */
export interface Comments {
  /**
   * Makes or edits the one comment that begins with `marker`.
   * @throws Error, a sentence for the reader, where there is no pull request or the token may not write
   */
  keep(marker: string, body: string, token: string | undefined): Promise<'created' | 'updated' | 'unchanged'>;
}

interface CommentContext {
  readonly comments: Comments;
  readonly context: Context;
  readonly runner: Runner;
}

/** What is to be told: the end of a plan, green or red. */
export interface Told {
  readonly result: Unfinished;
  /** Name of the pipeline, from the configuration: there may be no plan. */
  readonly pipeline: string;
  readonly inputs: Inputs;
}

/** Keeps the plan's comment up to date. What goes wrong here is a warning: a plan is as good without its comment. */
export async function keepComment({ result, pipeline, inputs }: Told, from: CommentContext): Promise<void> {
  const { comments, context, runner } = from;
  const marker = commentMarker(pipeline, inputs.configPath);
  try {
    const body = planComment(marker, { result, pipeline }, context);
    const done = await comments.keep(marker, body, inputs.githubToken);
    runner.info(`Comment      ${done}`);
  } catch (thrown) {
    runner.annotate('warning', {
      title: 'Comment',
      message: thrown instanceof Error ? thrown.message : String(thrown),
    });
  }
}

/** Names pipeline and configuration, so that the jobs of a matrix keep one each. Encoded: nothing in it ends it. */
export function commentMarker(pipeline: string, configPath: string): string {
  const encode = (text: string) => encodeURIComponent(text).replaceAll('-', '%2D');
  return `<!-- bsm-pytorch-deploy plan pipeline=${encode(pipeline)} config=${encode(configPath)} -->`;
}
