/**
 * Ctrl-C reaches every process of a terminal, and npx hands on what it got: one press may arrive twice. Later signals
 * are a second wish.
 */
const ONE_PRESS_MS = 500;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

interface Reactions {
  /** Cancels. */
  readonly first: () => void;
  /** Somebody does not want to wait for that. */
  readonly second: () => void;
}

/** Returns what ends it. */
export function onInterrupt(program: NodeJS.Process, { first, second }: Reactions): () => void {
  let firstAtMs: number | undefined;
  const react = (): void => {
    const nowMs = performance.now();
    if (firstAtMs === undefined) {
      firstAtMs = nowMs;
      first();
    } else if (nowMs - firstAtMs > ONE_PRESS_MS) second();
  };
  for (const signal of SIGNALS) program.on(signal, react);
  return () => {
    for (const signal of SIGNALS) program.off(signal, react);
  };
}
