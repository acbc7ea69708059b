import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { collectFixed, encodePreEncoded, preEncodedBound, spellOut } from './pre-encoded.ts';

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

      const out = Buffer.alloc(preEncodedBound(preEncoded));
      const end = encodePreEncoded(preEncoded, out, 0);
      expect(end).toBeLessThanOrEqual(out.length);
      const bytes = out.subarray(0, end);
      expect(unix(decoded(bytes))).toBe(unix(html));
      for (const line of bytes.toString('latin1').split('\r\n')) {
        expect(line).toMatch(/^[\t\x20-\x7E]{0,76}$/);
        expect(line).not.toMatch(/^(\.|From )|[ \t]$/);
      }
    }),
    { numRuns: 500 },
  );
});
