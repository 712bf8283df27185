import type { Tone } from '../runner.ts';

// Select Graphic Rendition codes (ECMA-48); GitHub's log viewer shows them. Set anew on each line, as it wants them.
const COLOURS: Readonly<Record<Tone, string>> = { good: '32', bad: '31', changed: '33', quiet: '90' };

/** Text that is safe already, in its tone's colour. */
export function painted(text: string, tone: Tone | undefined): string {
  if (tone === undefined) return text;
  return text
    .split('\n')
    .map((line) => `\u001b[${COLOURS[tone]}m${line}\u001b[0m`)
    .join('\n');
}
