/** One bundle for both steps. Each is a chunk of its own, so that post loads no more than it needs. */
if (process.env['STATE_isPost'] === 'true') {
  const { post } = await import('./github/post.ts');
  await post(process.env);
} else {
  const { main } = await import('./github/main.ts');
  await main(process.env);
}
// An SDK socket that is kept alive must not keep a finished step alive.
process.exit();

export {};
