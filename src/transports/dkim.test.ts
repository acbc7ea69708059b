import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { afterAll, describe, expect, it } from 'vitest';

import { startSmtpSink } from '../../test/smtp-sink.ts';
import type { Email } from '../contract/email.ts';
import { composeMime } from '../render/mime/mime.ts';
import { readDkimKeys, signed, signedBy } from './dkim.ts';
import { openSmtp } from './smtp.ts';

const folder = mkdtempSync(join(tmpdir(), 'laurel-dkim-'));
afterAll(() => rmSync(folder, { recursive: true }));

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed25519 = generateKeyPairSync('ed25519');
const pem = { type: 'pkcs8', format: 'pem' } as const;
writeFileSync(join(folder, 'rsa.pem'), rsa.privateKey.export(pem));
writeFileSync(join(folder, 'ed.pem'), ed25519.privateKey.export(pem));
const keys = readDkimKeys('DKIM_KEYS', [`r1:${folder}/rsa.pem`, `e1:${folder}/ed.pem`]);

const base64 = (key: typeof rsa.publicKey) => key.export({ type: 'spki', format: 'der' });
const records: Readonly<Record<string, string>> = {
  'r1._domainkey.roast.example': `v=DKIM1; k=rsa; p=${base64(rsa.publicKey).toString('base64')}`,
  // RFC 8463 publishes the bare 32 bytes.
  'e1._domainkey.roast.example': `v=DKIM1; k=ed25519; p=${base64(ed25519.publicKey).subarray(-32).toString('base64')}`,
};
const resolver = (name: string, type: string) => {
  const record = type === 'TXT' ? records[name] : undefined;
  return record === undefined
    ? Promise.reject(Object.assign(new Error('nothing there'), { code: 'ENOTFOUND' }))
    : Promise.resolve([[record]]);
};

async function verdicts(mime: Buffer): Promise<string[]> {
  const { results } = await dkimVerify(mime, { resolver });
  return results.map(({ status, selector }) => `${selector} ${status.result}`);
}

const mail = (overrides: Partial<Email> = {}): Email => ({
  to: { address: 'ana@example.com', name: 'Ana Duarte' },
  from: { address: 'mail@roast.example', name: 'Röst & Co' },
  subject: 'Your order',
  preheader: '',
  html: '<p>Hello</p>',
  text: 'Hello\n',
  headers: [
    ['Message-ID', '<m1@roast.example>'],
    ['Date', 'Mon, 05 May 2025 10:00:00 +0000'],
    ['Auto-Submitted', 'auto-generated'],
    ['Feedback-ID', 'transactional:order:roast:laurel'],
    ['List-Unsubscribe', '<https://roast.example/u/0123456789>'],
    ['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click'],
  ],
  ...overrides,
});

const content = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 100 }),
      fc.constantFrom('.', '  ', ' \n', '\t', '\n\n\n', '€', 'From me', '\r\n.\r\n'),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join('').replaceAll('\0', ''));

describe('a signed mail', () => {
  it('verifies by both keys, whatever it says', async () => {
    await fc.assert(
      fc.asyncProperty(content, content, content, async (subject, text, html) => {
        const mime = composeMime(mail({ subject: `x${subject}`, text, html }), 'm1');
        expect(await verdicts(await signed(mime, 'roast.example', keys))).toEqual([
          'r1 pass',
          'e1 pass',
        ]);
      }),
      { numRuns: 60 },
    );
  });

  it('still verifies at the other end of an SMTP connection', async () => {
    const sink = await startSmtpSink();
    const smtp = signedBy(keys, openSmtp({ url: sink.url }));
    try {
      const text = `.\n..\n${'x'.repeat(300)}\n.\n \n`;
      const mime = composeMime(mail({ text, html: `<p>.\n${text}</p>` }), 'm1');
      const envelope = { from: 'mail@roast.example', to: 'ana@example.com' };
      await smtp.send({ messageId: 'm1', envelope, mime }, AbortSignal.timeout(10_000));
      expect(await verdicts(sink.mails[0]?.raw ?? Buffer.alloc(0))).toEqual(['r1 pass', 'e1 pass']);
    } finally {
      await smtp.close();
      await sink.close();
    }
  });

  it.each([
    ['the unsubscribe post', 'List-Unsubscribe=One-Click', 'List-Unsubscribe=Two-Click'],
    ['the feedback id', 'transactional:order', 'transactional:other'],
    ['how it was submitted', 'auto-generated', 'auto-replied'],
    ['the body', 'Hello', 'Hullo'],
    ['a second subject', 'Subject: Your order', 'Subject: Win!\r\nSubject: Your order'],
  ])('does not verify with a change of %s', async (_, from, to) => {
    const mime = await signed(composeMime(mail(), 'm1'), 'roast.example', keys);
    const changed = Buffer.from(mime.toString('latin1').replace(from, to), 'latin1');
    expect(changed.equals(mime)).toBe(false);
    for (const verdict of await verdicts(changed)) expect(verdict).not.toContain('pass');
  });

  it('is the same, byte for byte, when it is signed again', async () => {
    const mime = composeMime(mail(), 'm1');
    const [first, second] = await Promise.all([
      signed(mime, 'roast.example', keys),
      signed(mime, 'roast.example', keys),
    ]);
    expect(first.equals(second)).toBe(true);
    for (const line of first.toString('latin1').split('\r\n')) expect(line.length).toBeLessThan(79);
  });
});

describe('a DKIM key is refused', () => {
  it.each([
    ['without a selector', '/etc/laurel/dkim.pem', 'must be a selector and a file'],
    ['that is not there', `r1:${folder}/none.pem`, 'cannot be read as a private key'],
  ])('%s', (_, entry, message) => {
    expect(() => readDkimKeys('DKIM_KEYS', [entry])).toThrow(message);
  });

  it('of another kind', () => {
    const file = join(folder, 'ec.pem');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(file, privateKey.export(pem));
    expect(() => readDkimKeys('DKIM_KEYS', [`c1:${file}`])).toThrow(
      'neither an RSA nor an Ed25519',
    );
  });
});
