import type { Environment } from '../core/context.ts';
import { wrapText } from '../core/text/format.ts';

type Stream = NodeJS.WriteStream;
/** Puts text into a colour (codes of ECMA-48), or leaves it as it is. */
type Highlight = (text: string, code: string) => string;

/** Where text goes. The live lines stay below the lines that are printed. */
export interface Terminal {
  /** Whether something can move here. */
  readonly moves: boolean;
  /** Characters a line, at this moment. */
  columns(): number;
  /** Prints lines of the log; the text is safe already. */
  log(text: string): void;
  /** Prints errors and warnings. */
  complain(text: string): void;
  /** For complaints. */
  readonly highlight: Highlight;
  readonly hasColour: boolean;
  /** Shows these lines in place of those shown before. */
  show(lines: readonly string[]): void;
  /** Removes the live lines and shows the cursor again. */
  end(): void;
}

export interface Streams {
  readonly log: Stream;
  readonly complaints: Stream;
}

export async function openTerminal(streams: Streams, environment: Environment): Promise<Terminal> {
  const { log, complaints } = streams;
  // A reader that went away (`| head`) ends no deployment.
  for (const stream of new Set([log, complaints])) stream.on('error', () => undefined);
  const moves = canMove(log, environment);
  const update = moves ? (await import('log-update')).createLogUpdate(log) : undefined;
  let shown = '';
  const above = (stream: Stream, text: string): void => {
    if (shown !== '') update?.clear();
    // A pipe's reader wants whole lines.
    stream.write(`${stream.isTTY ? wrapText(text, stream.columns || 80) : text}\n`);
    if (shown !== '') update?.(shown);
  };
  return {
    moves,
    columns: () => log.columns || 80,
    hasColour: hasColour(log, environment),
    log: (text) => above(log, text),
    complain: (text) => above(complaints, text),
    highlight: highlighter(complaints, environment),
    show(lines) {
      shown = lines.join('\n');
      if (shown === '') update?.clear();
      else update?.(shown);
    },
    end() {
      if (shown !== '') update?.clear();
      shown = '';
      update?.done();
    },
  };
}

export function highlighter(stream: Stream, environment: Environment): Highlight {
  const colours = hasColour(stream, environment);
  return (text, code) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
}

function canMove(stream: Stream, environment: Environment): boolean {
  return stream.isTTY && !environment['CI'] && environment['TERM'] !== 'dumb';
}

/** As force-color.org and no-color.org have it; the first wins, as in Node. */
function hasColour(stream: Stream, environment: Environment): boolean {
  const forced = environment['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (environment['NO_COLOR']) return false;
  return stream.isTTY && environment['TERM'] !== 'dumb';
}
