import * as fc from 'fast-check';
import { simpleParser } from 'mailparser';
import MailComposer from 'nodemailer/lib/mail-composer';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';

import type { Email } from '../../contract/email.ts';
import { escapeHtml } from '../escape.ts';
import { composeMime } from './mime.ts';
import { collectFixed, spellOut } from './pre-encoded.ts';

const mail = (overrides: Partial<Email> = {}): Email => ({
  to: { address: 'ana@example.com', name: 'Ana Duarte' },
  from: { address: 'mail@roast.example', name: 'Roast' },
  subject: 'Your order',
  preheader: '',
  html: '<p>Hello</p>',
  text: 'Hello\n',
  headers: [
    ['Message-ID', '<m1@roast.example>'],
    ['Date', 'Mon, 05 May 2025 10:00:00 +0000'],
  ],
  ...overrides,
});

/** No links made, no pictures put in: just what the parts say. */
const plainly = {
  skipTextLinks: true,
  skipTextToHtml: true,
  skipImageLinks: true,
  skipHtmlToText: true,
};
const unmarked = (text: string) => text.replaceAll(/[\uE000-\uF8FF]/g, '');

const parse = (mime: Buffer) => PostalMime.parse(mime);
const lines = (mime: Buffer) => mime.toString('latin1').split('\r\n');
const headOf = (mime: Buffer) => mime.toString('latin1').split('\r\n\r\n', 1)[0] ?? '';
const unix = (text: string | undefined) => (text ?? '').replace(/\r\n?/g, '\n').replace(/\n+$/, '');

/** Everything people write, and what breaks encoders: long lines, blanks and dots at line ends, emoji, controls. */
const content = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 120 }),
      fc.string({ maxLength: 200 }),
      fc.constantFrom(
        '.',
        '..',
        ' ',
        '\t',
        '=',
        '\n',
        '\r\n',
        '\n.\n',
        'From me',
        '👩‍👩‍👧',
        '€',
        '—',
        ' \n',
      ),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join('').replaceAll('\0', ''));

const clean = (text: string) =>
  text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/\p{Cs}/gu, '\uFFFD')
    .replace(/\s+/g, ' ')
    .trim();

describe('a mail', () => {
  it('says what it was given, whatever it was given', async () => {
    await fc.assert(
      fc.asyncProperty(content, content, async (text, html) => {
        const parsed = await parse(composeMime(mail({ text, html }), 'm1'));
        expect(unix(parsed.text)).toBe(unix(text));
        expect(unix(parsed.html)).toBe(unix(html));
      }),
      { numRuns: 300 },
    );
  });

  it('says the same to a parser of another make, pre-encoded or whole', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(content, content), { maxLength: 6 }),
        content,
        async (parts, text) => {
          const { mark, all } = collectFixed();
          // A value never has marks of its own: it is escaped to ASCII first.
          const written = parts.map(([fixed, value]) => mark(unmarked(fixed)) + escapeHtml(value));
          const preEncoded = { written: written.join(''), fixed: all };
          const html = spellOut(preEncoded);
          const [whole, pieced] = await Promise.all([
            simpleParser(composeMime(mail({ text, html }), 'm1'), plainly),
            simpleParser(composeMime(mail({ text, html, preEncoded }), 'm1'), plainly),
          ]);
          expect(unix(whole.text)).toBe(unix(text));
          expect(unix(whole.html || '')).toBe(unix(html));
          expect(unix(pieced.html || '')).toBe(unix(html));
          expect(pieced.text).toBe(whole.text);
          expect(pieced.attachments).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('reads the same as the one nodemailer composes', async () => {
    await fc.assert(
      fc.asyncProperty(content, content, async (text, html) => {
        const email = mail({ text: `x${text}`, html: `x${html}` });
        const { to, from, subject } = email;
        const theirs = await new MailComposer({
          from,
          to: { address: to.address, name: to.name ?? '' },
          subject,
          text: email.text,
          html: email.html,
          textEncoding: 'quoted-printable',
        })
          .compile()
          .build();
        const [a, b] = await Promise.all([parse(composeMime(email, 'm1')), parse(theirs)]);
        expect(unix(a.text)).toBe(unix(b.text));
        expect(unix(a.html)).toBe(unix(b.html));
        expect(a.from).toEqual(b.from);
        expect(a.to).toEqual(b.to);
        expect(a.subject).toBe(b.subject);
      }),
      { numRuns: 100 },
    );
  });

  it('has lines of at most 76 ASCII characters, none of which starts with a dot', () => {
    fc.assert(
      fc.property(content, content, (text, html) => {
        const written = lines(composeMime(mail({ text, html }), 'm1'));
        expect(written.length).toBeGreaterThan(10);
        for (const line of written) {
          expect(line.length).toBeLessThanOrEqual(76);
          expect(line).toMatch(/^(?!\.)[\t\x20-\x7E]*$/);
          expect(line).not.toMatch(/^From |[ \t]$/);
        }
      }),
    );
  });

  it('is the same, byte for byte, when it is composed again', () => {
    const email = mail({ subject: 'Grüße', text: 'a'.repeat(500) });
    expect(composeMime(email, 'm1').equals(composeMime(email, 'm1'))).toBe(true);
    expect(composeMime(email, 'm1').equals(composeMime(email, 'm2'))).toBe(false);
  });

  it('keeps a mail it gave out when the next one is composed', () => {
    const first = composeMime(mail({ text: 'first\n' }), 'm1');
    const copy = Buffer.from(first);
    composeMime(mail({ text: 'second, and longer\n' }), 'm2');
    expect(first.equals(copy)).toBe(true);
  });

  it('carries its pictures inside and its files beside, as nodemailer would', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.boolean()), {
          maxLength: 4,
        }),
        content,
        async (all, html) => {
          const attachments = all.map(([bytes, inline], n) => ({
            filename: `f${n}.png`,
            contentType: 'image/png',
            content: bytes,
            ...(inline && { cid: `p${n}@laurel` }),
          }));
          const email = mail({ html: `x${html}`, attachments });
          const mime = composeMime(email, 'm1');
          const theirs = await new MailComposer({
            from: email.from,
            to: email.to.address,
            text: email.text,
            html: email.html,
            attachments: attachments.map((one) => ({ ...one, content: Buffer.from(one.content) })),
          })
            .compile()
            .build();
          const [ours, other, reference] = await Promise.all([
            simpleParser(mime, plainly),
            parse(mime),
            simpleParser(theirs, plainly),
          ]);
          const seen = ({ attachments: found }: typeof ours) =>
            found
              .map(({ filename, contentType, cid, content: bytes }) =>
                [filename, contentType, cid, bytes.toString('hex')].join(' '),
              )
              .toSorted();
          expect(seen(ours)).toEqual(seen(reference));
          expect(ours.html).toBe(reference.html);
          expect(ours.text).toBe(reference.text);
          expect(other.attachments.length).toBe(all.length);
          for (const line of lines(mime)) expect(line.length).toBeLessThanOrEqual(76);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    ['filename', { filename: 'a"\r\nBcc: x@y.example' }],
    ['contentType', { contentType: 'image/png\r\nX: y' }],
    ['cid', { cid: 'a@b>\r\nX: y' }],
  ])('lets no %s of a file end a header', (field, wrong) => {
    const file = {
      filename: 'a.png',
      contentType: 'image/png',
      content: Buffer.from('x'),
      ...wrong,
    };
    expect(() => composeMime(mail({ attachments: [file] }), 'm1')).toThrow(
      `an attachment's ${field}`,
    );
  });

  it('has the text first and the html last, so that clients show the html', async () => {
    const types = composeMime(mail(), 'm1')
      .toString()
      .match(/^Content-Type: text\/\w+/gm);
    expect(types).toEqual(['Content-Type: text/plain', 'Content-Type: text/html']);
  });
});

/** Of a name, what a reader sees: what can't be seen may be left out of it. */
const seen = (name = '') => clean(clean(name).replace(/[\p{DI}\u202A-\u202E\uFFF9-\uFFFB]/gu, ''));

describe('headers', () => {
  const names = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 100 }),
    fc.string({ maxLength: 100 }),
    fc.constantFrom(
      'Ana "A" Duarte',
      'Duarte, Ana',
      'a\\b',
      '=?UTF-8?Q?x?=',
      'O’Neill',
      'x'.repeat(120),
    ),
  );
  it('reads subject, sender and recipient back exactly', async () => {
    await fc.assert(
      fc.asyncProperty(names, names, names, async (subject, from, to) => {
        const mime = composeMime(
          mail({
            subject,
            from: { address: 'mail@roast.example', name: from },
            to: { address: 'ana@example.com', name: to },
          }),
          'm1',
        );
        const parsed = await parse(mime);
        expect(parsed.subject ?? '').toBe(clean(subject));
        expect(parsed.from?.address).toBe('mail@roast.example');
        expect(seen(parsed.from?.name)).toBe(seen(from));
        expect(parsed.to).toMatchObject([{ address: 'ana@example.com' }]);
        expect(seen(parsed.to?.[0]?.name)).toBe(seen(to));
        expect(parsed.cc ?? []).toEqual([]);
        expect(parsed.bcc ?? []).toEqual([]);
        for (const line of headOf(mime).split('\r\n')) expect(line.length).toBeLessThanOrEqual(76);
      }),
      { numRuns: 400 },
    );
  });

  it('cannot be added through a subject or a name', async () => {
    const mime = composeMime(
      mail({
        subject: 'Hi\r\nBcc: eve@example.com\r\n\r\nbody\0',
        to: { address: 'ana@example.com', name: 'Ana\r\nBcc: eve@example.com' },
      }),
      'm1',
    );
    const parsed = await parse(mime);
    expect(parsed.subject).toBe('Hi Bcc: eve@example.com body');
    expect(parsed.to).toEqual([{ address: 'ana@example.com', name: 'Ana Bcc: eve@example.com' }]);
    expect(headOf(mime)).not.toMatch(/^Bcc/m);
  });

  it.each([
    'a@b.example, c@d.example',
    'a@b.example\r\nBcc: c@d.example',
    '<a@b.example>',
    'jo sé@b.example',
    '',
  ])('go to one recipient, or nowhere: %j', (address) => {
    expect(() => composeMime(mail({ to: { address } }), 'm1')).toThrow(
      /not one plain mail address/,
    );
  });

  it.each([
    ['Bcc', 'eve@example.com'],
    ['X-Anything', '1'],
    ['__proto__', '1'],
    ['Date', 'yesterday'],
    ['Message-ID', 'm1'],
    ['List-Unsubscribe', '<javascript:alert(1)>'],
    ['List-Unsubscribe', '<https://a.example>\r\nBcc: eve@example.com'],
  ])('refuse %s: %s', (name, value) => {
    expect(() => composeMime(mail({ headers: [[name, value]] }), 'm1')).toThrow(
      expect.objectContaining({ code: 'bad-header' }),
    );
  });

  it('keep the address of an unsubscribe link whole', async () => {
    const url = `<https://roast.example/u/${'x'.repeat(200)}>`;
    const mime = composeMime(mail({ headers: [['List-Unsubscribe', url]] }), 'm1');
    const parsed = await parse(mime);
    expect(parsed.headers.find(({ key }) => key === 'list-unsubscribe')?.value).toBe(url);
  });

  it('fold a long plain subject at its blanks', async () => {
    const subject = 'word '.repeat(50).trim();
    const mime = composeMime(mail({ subject }), 'm1');
    expect((await parse(mime)).subject).toBe(subject);
    expect(headOf(mime)).toContain('Subject: word word');
  });
});
