type OutputStreams = Pick<NodeJS.Process, 'stdout' | 'stderr'>;

/** A reader that has gone away (a closed pipe), or a disk that is full, ends no run: what is printed is lost then. */
export function guardStreams({ stdout, stderr }: OutputStreams): void {
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
}

/** Resolves once everything printed has left, however slow its reader is: the end of the process would cut it. */
export async function drained({ stdout, stderr }: OutputStreams): Promise<void> {
  await Promise.all([stdout, stderr].map(flushed));
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) return resolve();
    stream.once('error', () => resolve());
    stream.once('close', () => resolve());
    stream.write('', () => resolve());
  });
}
