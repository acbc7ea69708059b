import { PermanentError } from '../../core/errors.ts';
import { cleanLine } from '../escape.ts';
import { seenOnly } from '../voice/bidi.ts';

const maxLine = 76;
/** `=?UTF-8?B?` and `?=`. */
const wordOverhead = 12;
const maxWord = 75;

/** A header whose value is free text, folded and encoded (RFC 5322 2.2.3, RFC 2047). Without the final line break. */
export function textHeader(name: string, value: string): string {
  const text = cleanLine(value);
  const head = `${name}: `;
  if (isPlain(text, maxLine - head.length)) return head + fold(text.split(' '), head.length);
  return head + encodedWords(text, head.length);
}

/** A header naming one mailbox, such as `To`. @throws PermanentError `bad-address` */
export function addressHeader(
  header: string,
  { address, name = '' }: { readonly address: string; readonly name?: string | undefined },
): string {
  if (!/^(?![^@]*[<>(),;:\\"[\]])[!-?A-~]+@[A-Za-z0-9.-]+$/.test(address))
    throw new PermanentError(
      'bad-address',
      `"${cleanLine(address, 80)}" is not one plain mail address`,
    );
  const phrase = cleanLine(seenOnly(name));
  const head = `${header}: `;
  if (phrase === '') return head + address;
  const words = phraseOf(phrase, head.length);
  const column =
    (words.split('\r\n').at(-1) ?? '').length + (words.includes('\r\n') ? 0 : head.length);
  const gap = column + address.length + 3 > maxLine ? '\r\n ' : ' ';
  return `${head}${words}${gap}<${address}>`;
}

function phraseOf(phrase: string, column: number): string {
  if (!isPlain(phrase, maxLine - column)) return encodedWords(phrase, column);
  if (/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+$/.test(phrase)) return fold(phrase.split(' '), column);
  const quoted = `"${phrase.replace(/["\\]/g, '\\$&')}"`;
  return column + quoted.length > maxLine ? encodedWords(phrase, column) : quoted;
}

/** Printable ASCII that can't be taken for an encoded word and fits when folded at its blanks. */
const isPlain = (text: string, firstRoom: number) =>
  /^[\x20-\x7E]*$/.test(text) &&
  !text.includes('=?') &&
  text.split(' ').every((word, index) => word.length <= (index === 0 ? firstRoom : maxLine - 1));

function fold(words: readonly string[], column: number): string {
  let used = column;
  return words
    .map((word, index) => {
      if (index === 0) {
        used += word.length;
        return word;
      }
      const fits = used + 1 + word.length <= maxLine;
      used = fits ? used + 1 + word.length : 1 + word.length;
      return fits ? ` ${word}` : `\r\n ${word}`;
    })
    .join('');
}

/** Base64 encoded-words, cut between characters, one a line. Blanks between them vanish when decoded. */
function encodedWords(text: string, column: number): string {
  const words: string[] = [];
  let chunk = '';
  let room = bytesFor(maxLine - column);
  for (const character of text) {
    if (Buffer.byteLength(chunk + character) > room) {
      words.push(chunk);
      chunk = '';
      room = bytesFor(maxLine - 1);
    }
    chunk += character;
  }
  if (chunk !== '') words.push(chunk);
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join('\r\n ');
}

const bytesFor = (room: number) =>
  Math.max(4, Math.floor((Math.min(room, maxWord) - wordOverhead) / 4) * 3);
