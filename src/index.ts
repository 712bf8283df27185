/** One bundle for the steps of the action and the command line. Each is a chunk of its own: none loads what it does not need. */
if (process.argv[2] === 'command-line') {
  // The runner starts the action without arguments; bin/ gives this first one.
  const { startCommandLine } = await import('./cli/index.ts');
  process.exitCode = await startCommandLine(process);
} else if (process.env['STATE_isPost'] === 'true') {
  const { post } = await import('./github/post.ts');
  await post(process.env);
} else {
  const { main } = await import('./github/main.ts');
  await main(process.env);
}
// An SDK socket that is kept alive must not keep a finished step alive.
process.exit();

export {};
