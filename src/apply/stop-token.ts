/** 32 to 128 characters, the same for every attempt to stop this execution. */
export function stopToken(executionArn: string): string {
  return `stop-${executionArn.slice(executionArn.lastIndexOf('/') + 1)}`.padEnd(32, '-').slice(0, 128);
}
