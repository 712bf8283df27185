/** Names of what main hands to post. */
export const STATE_NAMES = {
  /** Set at the very start: the second process of this step is post. */
  isPost: 'isPost',
  /** JSON, saved before the start: which execution would be ours. */
  intent: 'intent',
  executionArn: 'executionArn',
  /** Nothing is left to clean up. */
  done: 'done',
} as const;
