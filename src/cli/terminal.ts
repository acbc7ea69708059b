import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
/** Gives text a colour, or doesn't: as the stream it is for can take it. */
export type Paint = (style: Style, text: string) => string;

/** Colours on a terminal only, and never where `NO_COLOR` is set (no-color.org). */
export function paintFor(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>> = process.env,
): Paint {
  const coloured = stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text);
}

/** Nobody reads any more: `laurel messages | head`. What is being done is finished, silently. */
let gone = false;
export const outputIsGone = (): boolean => gone;

/** Makes a reader that goes away the end of printing, not of the process. */
export function watchOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      gone = true;
    });
  }
}

/** Prints results, for people or programs, at the speed at which they are read. */
export async function print(text: string): Promise<void> {
  if (gone || process.stdout.write(`${text}\n`)) return;
  await new Promise<void>((resolve) => {
    process.stdout.once('drain', resolve);
    process.stdout.once('close', resolve);
    process.stdout.once('error', () => resolve());
  });
}

/** Says something beside the results: progress, advice, trouble. */
export function note(text: string): void {
  if (!gone) process.stderr.write(`${text}\n`);
}

/** Text from outside, for one line of a terminal: without control characters that could move the cursor or hide things. */
export const oneLine = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029\p{Bidi_Control}]+/gu, ' ').trim();

/** `2026-11-20 08:12:00 UTC`. */
export const clock = (at: Date): string =>
  at
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');

/** `1 message`, `5,000 messages`. */
export const count = (n: number, thing: string, things = `${thing}s`): string =>
  `${n.toLocaleString('en')} ${n === 1 ? thing : things}`;
