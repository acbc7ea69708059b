import { memo } from '../core/memo.ts';

/** What isn't printable ASCII, but for tab, line feed and carriage return. */
const beyond = /[^\t\n\r -~]/gu;
const special = /[&<>"'`]|[^ -~\t\n\r]/;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/**
 * Numeric entities for everything beyond ASCII: one such character would make the whole mail two bytes a character.
 * Controls, which html can't carry, are dropped.
 */
export const asciiEntities = (text: string): string => text.replace(beyond, entityOf);

const entityOf = memo((character: string) => {
  const code = wellFormed(character);
  return code < 0xa0 ? '' : `&#${code};`;
});

/** Plain text as html, for text and quoted attributes; pure ASCII. */
export function escapeHtml(text: string): string {
  if (!special.test(text)) return text;
  return text.length <= 40 ? escapeShort(text) : escapeSpecial(text);
}

const escapeSpecial = (text: string) =>
  asciiEntities(text.replace(/[&<>"'`]/g, (character) => entities[character] ?? ''));

/** Amounts, names of products and words of the brand come again and again. */
const escapeShort = memo(escapeSpecial);

/** A finished html document in pure ASCII. What stands in `<style>` is left alone: no entities are read there. */
export function asciiDocument(html: string): string {
  if (!/[^ -~\t\n\r]/.test(html)) return html;
  return html
    .split(/(<style\b[^>]*>[\s\S]*?<\/style>)/i)
    .map((part) => (/^<style\b/i.test(part) ? part : asciiEntities(part)))
    .join('');
}

/** One line without control characters or broken Unicode, for subjects and headers. At most `max` characters. */
export function cleanLine(text: string, max = Infinity): string {
  if (text.length <= max && cleanAlready.test(text)) return text;
  const line = text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/\p{Cs}/gu, '\uFFFD')
    .replace(/\s+/g, ' ')
    .trim();
  if (line.length <= max) return line;
  return `${line
    .slice(0, max - 1)
    .replace(/[\uD800-\uDBFF]$/, '')
    .trimEnd()}…`;
}

/** Nearly every line: printable ASCII and Latin without blanks in a row or at its ends. */
const cleanAlready = /^(?:[!-~\u00A1-\u024F]+(?: [!-~\u00A1-\u024F]+)*)?$/;

function wellFormed(character: string): number {
  const code = character.codePointAt(0) ?? 0xfffd;
  return code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
}

const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
};

/** Html's text or attribute as it is read; null for references that take a table to read. */
export function unescapeHtml(text: string): string | null {
  if (!text.includes('&')) return text;
  let known = true;
  const plain = text.replace(
    /&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|([a-z]{1,6}));|&/g,
    (_, ...found) => {
      const [decimal, hex, name] = found
        .slice(0, 3)
        .map((one) => (typeof one === 'string' ? one : ''));
      const code = decimal ? Number(decimal) : hex ? parseInt(hex, 16) : 0;
      const character = name ? named[name] : characterOf(code);
      known &&= character !== undefined;
      return character ?? '';
    },
  );
  return known ? plain : null;
}

const characterOf = (code: number) =>
  (code >= 0x20 && code < 0x7f) ||
  (code >= 0xa0 && code < 0xd800) ||
  (code > 0xdfff && code <= 0x10ffff)
    ? String.fromCodePoint(code)
    : undefined;
