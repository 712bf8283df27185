import { isPost } from './core/runner.ts';
import { drained, guardStreams } from './core/streams.ts';

/** One bundle for the steps of the action and the command line. Each is a chunk of its own: none loads what it does not need. */
guardStreams(process);
const isCommandLine = process.argv[2] === 'command-line';
// What escapes every other net is said in a sentence; a promise that nobody waits for any more ends nothing.
process.on('unhandledRejection', () => undefined);
process.on('uncaughtException', (thrown) => void (isOfStream(thrown) ? undefined : endWith(thrown)));
try {
  await start();
} catch (thrown) {
  await endWith(thrown);
}
// An SDK socket that is kept alive must not keep a finished step alive; what was printed has left before.
await drained(process);
process.exit();

async function start(): Promise<void> {
  if (isCommandLine) {
    // The runner starts the action without arguments; bin/ gives this first one.
    const { startCommandLine } = await import('./cli/index.ts');
    process.exitCode = await startCommandLine(process);
  } else if (isPost(process.env)) {
    const { post } = await import('./github/post.ts');
    await post(process.env);
  } else {
    const { main } = await import('./github/main.ts');
    await main(process.env);
  }
}

/** A connection or pipe that broke when nobody listened to it any more. */
function isOfStream(thrown: unknown): boolean {
  const code: unknown = Reflect.get(Object(thrown), 'code');
  return typeof code === 'string' && /^(ECONNRESET|EPIPE|ABORT_ERR|ERR_STREAM_\w+)$/.test(code);
}

async function endWith(thrown: unknown): Promise<void> {
  const said = String(thrown instanceof Error ? thrown.message : thrown).replace(/\s+/g, ' ');
  if (isCommandLine) process.stderr.write(`error: Unexpected error: ${said}\n`);
  else process.stdout.write(`::error title=internal::Unexpected error: ${said}\n`);
  process.exitCode = 1;
  await drained(process);
  process.exit();
}
