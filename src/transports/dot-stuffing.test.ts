import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { isComposed } from '../contract/composed.ts';
import type { Email } from '../contract/email.ts';
import { PermanentError } from '../core/errors.ts';
import { escapeHtml } from '../render/escape.ts';
import { composeMime } from '../render/mime/mime.ts';
import { collectFixed } from '../render/mime/pre-encoded.ts';
import { searched, toWire } from './dot-stuffing.ts';

/** What people write, and what would end a mail where it got to the start of a line. */
const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 100 }),
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom(
        '.',
        '\n.',
        '\r\n.\r\n',
        '\r.\r',
        '\n.\n',
        '\r',
        '\n',
        '\n..',
        '=',
        ' \n',
        'x'.repeat(75),
        '\u2028.',
        '\0',
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));
const unmarked = (value: string) => value.replaceAll(/[\uE000-\uF8FF]/g, '');

const email: fc.Arbitrary<Email> = fc
  .record({
    name: text,
    brand: text,
    subject: text,
    feedback: text,
    provider: fc.oneof({ weight: 20, arbitrary: fc.constantFrom('main', '.') }, text),
    plain: text,
    html: text,
    parts: fc.option(fc.array(fc.tuple(text, text), { maxLength: 6 })),
    files: fc.array(fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.boolean()), { maxLength: 3 }),
    replyTo: fc.option(fc.constant('help@roast.example')),
  })
  .map(({ name, brand, subject, feedback, provider, plain, html, parts, files, replyTo }) => {
    const { mark, all } = collectFixed();
    const written = (parts ?? []).map(([fixed, own]) => mark(unmarked(fixed)) + escapeHtml(own));
    return {
      to: { address: 'ana@example.com', name },
      from: { address: 'mail@roast.example', name: brand },
      ...(replyTo !== null && { replyTo }),
      subject,
      preheader: '',
      html,
      text: plain,
      ...(parts && { preEncoded: { written: written.join(''), fixed: all } }),
      attachments: files.map(([content, inline], at) => ({
        filename: `f${at}.png`,
        contentType: 'image/png',
        content,
        ...(inline && { cid: `p${at}@laurel` }),
      })),
      headers: [
        ['Message-ID', '<m1@roast.example>'],
        ['Feedback-ID', feedback === '' ? 'x' : feedback],
        ['X-SES-CONFIGURATION-SET', provider],
        ['List-Unsubscribe', `<https://mail.example/${provider}>`],
      ],
    };
  });

const bytesOf = ({ parts }: ReturnType<typeof toWire>) =>
  Buffer.concat([...parts]).toString('latin1');

/** Undefined where a header can't be what it is to be: then there is no mail. */
function madeOf(one: Email): Buffer | undefined {
  try {
    return composeMime(one, 'm1');
  } catch (error) {
    if (error instanceof PermanentError) return undefined;
    throw error;
  }
}

it('whatever a mail of ours says, searching it finds nothing to change or refuse', () => {
  let composed = 0;
  fc.assert(
    fc.property(email, (one) => {
      const mime = madeOf(one);
      if (!mime) return;
      composed += 1;
      expect(isComposed(mime)).toBe(true);
      const fast = toWire(mime);
      const slow = searched(mime);
      expect(bytesOf(fast)).toBe(bytesOf(slow));
      expect({ ...fast, parts: [] }).toEqual({ ...slow, parts: [] });
      // One end of data, at the end (RFC 5321 4.1.1.4), and no other line break than CRLF.
      const wire = bytesOf(fast);
      expect(wire.indexOf('\r\n.\r\n')).toBe(wire.length - 5);
      expect(wire.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
      expect(wire.slice(0, -3)).not.toMatch(/^\./m);
    }),
    { numRuns: 500 },
  );
  expect(composed).toBeGreaterThan(400);
});

it('what others made is searched, though it has the same bytes', () => {
  const mimes = fc.sample(email, 50).flatMap((one) => madeOf(one) ?? []);
  expect(mimes.length).toBeGreaterThan(20);
  for (const mime of mimes) {
    expect(isComposed(Buffer.from(mime))).toBe(false);
    expect(isComposed(mime.subarray(0))).toBe(false);
    expect(() => toWire(Buffer.concat([mime, Buffer.from('a\n.\nb')]))).toThrow('other than CRLF');
  }
});

it('only the composer says that it made a mail', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
    (file) =>
      file.endsWith('.ts') && readFileSync(join('src', file), 'utf8').includes('asComposed'),
  );
  expect(files.filter((file) => !file.endsWith('.test.ts')).toSorted()).toEqual([
    'contract/composed.ts',
    'render/mime/mime.ts',
  ]);
});
