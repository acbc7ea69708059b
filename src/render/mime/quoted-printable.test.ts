import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { encodeQuotedPrintable, quotedPrintableBound } from './quoted-printable.ts';

function encode(text: string): string {
  const input = Buffer.from(text);
  const out = Buffer.alloc(quotedPrintableBound(input.length), 0xff);
  const end = encodeQuotedPrintable(input, out, 0);
  return out.subarray(0, end).toString('latin1');
}

/** As RFC 2045 6.7 says, and nothing more forgiving. */
function decode(encoded: string): string {
  for (const line of encoded.split('\r\n')) {
    expect(line.length).toBeLessThanOrEqual(76);
    expect(line).not.toMatch(/[ \t]$|[^\t\x20-\x7E]|=(?![0-9A-F]{2}|$)/);
  }
  const bytes = encoded
    .replaceAll('=\r\n', '')
    .replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}

const crlf = (text: string) => text.replace(/\r\n|\r|\n/g, '\r\n');

it('comes back as it was, but for line breaks', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.string({
      unit: fc.constantFrom(' ', '.', '\n', '\r', '\t', '=', 'a', 'é', '€', '🙂', 'F', 'From '),
      maxLength: 400,
    }),
  );
  fc.assert(
    fc.property(text, (one) => {
      expect(decode(encode(one))).toBe(crlf(one));
    }),
    { numRuns: 2000 },
  );
});

it.each(Array.from({ length: 12 }, (_, index) => 68 + index))(
  'never cuts an emoji that starts at column %i',
  (column) => {
    const encoded = encode(`${'a'.repeat(column)}🙂 and on`);
    expect(encoded).toContain('=F0=9F=99=82');
    expect(decode(encoded)).toBe(`${'a'.repeat(column)}🙂 and on`);
  },
);

it('escapes dots at line starts, also where it breaks a line itself', () => {
  expect(encode('.a\n..b')).toBe('=2Ea\r\n=2E.b');
  expect(encode(`${'a'.repeat(75)}.b`)).toBe(`${'a'.repeat(75)}=\r\n=2Eb`);
});

it('keeps blanks at line ends', () => {
  expect(encode('a \nb\t')).toBe('a=20\r\nb=09');
  expect(decode(encode(`${'a'.repeat(75)} \n`))).toBe(`${'a'.repeat(75)} \r\n`);
});

it('uses the last column where a line ends there', () => {
  expect(encode(`${'a'.repeat(76)}\n`)).toBe(`${'a'.repeat(76)}\r\n`);
});

it('escapes a leading "From "', () => {
  expect(encode('From here\nFromage')).toBe('=46rom here\r\nFromage');
});
