import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { collectFixed, encodePreEncoded, spellOut } from './pre-encoded.ts';

/** What a reader makes of quoted-printable (RFC 2045 6.7). */
const decoded = (bytes: Uint8Array) =>
  Buffer.from(
    Buffer.from(bytes)
      .toString('latin1')
      .replaceAll('=\r\n', '')
      .replace(/=([0-9A-F]{2})/g, (_, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      ),
    'latin1',
  ).toString();

const unix = (text: string) => text.replace(/\r\n?/g, '\n');

const breaks = fc.constantFrom('\n', ' ', ' \n', '.', '\n.', 'From ', '=', '\t', '\r\n');
const fixed = fc
  .array(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 90 }), breaks), { maxLength: 12 })
  .map((parts) => parts.join('').replaceAll(/[\uE000-\uF8FF\r]/g, ''));
const value = fc
  .array(fc.oneof(fc.string({ maxLength: 60 }), breaks), { maxLength: 6 })
  .map((parts) => parts.join(''));

it('reads the same as the whole html, in lines that need no more escaping', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fixed, value), { maxLength: 12 }), (parts) => {
      const { mark, all } = collectFixed();
      const preEncoded = { written: parts.map(([a, b]) => mark(a) + b).join(''), fixed: all };
      const html = parts.map(([a, b]) => a + b).join('');
      expect(spellOut(preEncoded)).toBe(html);

      // Where there is too little room it says so, and writes no byte that isn't its own.
      let bytes: Buffer | undefined;
      for (let size = 8; bytes === undefined; size *= 2) {
        const around = Buffer.alloc(size + 8, 0x7f);
        const end = encodePreEncoded(preEncoded, around.subarray(4, size + 4), 0);
        expect([...around.subarray(0, 4), ...around.subarray(-4)]).toEqual(Array(8).fill(0x7f));
        if (end !== null) bytes = around.subarray(4, end + 4);
      }
      expect(unix(decoded(bytes))).toBe(unix(html));
      for (const line of bytes.toString('latin1').split('\r\n')) {
        expect(line).toMatch(/^[\t\x20-\x7E]{0,76}$/);
        expect(line).not.toMatch(/^(\.|From )|[ \t]$/);
      }
    }),
    { numRuns: 500 },
  );
});
