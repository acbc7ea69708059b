import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { InvalidInput } from '../core/errors.ts';
import type { Transport } from './transport.ts';

/** A key mails are signed with; its public half is in DNS at `<selector>._domainkey.<domain>`. */
export type DkimKey = {
  readonly selector: string;
  readonly algorithm: 'rsa-sha256' | 'ed25519-sha256';
  readonly key: KeyObject;
};

/**
 * Reads `selector:file` pairs; files are private keys in PEM: RSA of 1024 bits or more, or Ed25519 (RFC 8463).
 * @throws InvalidInput naming the variable and the file
 */
export function readDkimKeys(variable: string, list: readonly string[]): DkimKey[] {
  return list.map((entry) => {
    const [, selector, file] = /^([a-z0-9][a-z0-9._-]*):(.+)$/i.exec(entry) ?? [];
    const refuse = (message: string) =>
      new InvalidInput([{ path: variable, message: `"${entry}" ${message}` }]);
    if (selector === undefined || file === undefined)
      throw refuse('must be a selector and a file, such as s1:/etc/laurel/dkim.pem');
    let key: KeyObject;
    try {
      key = createPrivateKey(readFileSync(file));
    } catch (error) {
      throw refuse(
        `cannot be read as a private key: ${error instanceof Error ? error.message : ''}`,
      );
    }
    if (key.asymmetricKeyType === 'ed25519') return { selector, algorithm: 'ed25519-sha256', key };
    if (key.asymmetricKeyType !== 'rsa') throw refuse('is neither an RSA nor an Ed25519 key');
    if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < 1024)
      throw refuse('is an RSA key of less than 1024 bits, which receivers ignore');
    return { selector, algorithm: 'rsa-sha256', key };
  });
}

/** A transport whose mails carry a signature of the sender's domain by each of these keys. */
export function signedBy(keys: readonly DkimKey[], transport: Transport): Transport {
  if (keys.length === 0) return transport;
  return {
    ...transport,
    send: async (mail, signal) => {
      const domain = mail.envelope.from.split('@').at(-1)?.toLowerCase() ?? '';
      return transport.send({ ...mail, mime: await signed(mail.mime, domain, keys) }, signal);
    },
  };
}

/** Signed where they are there; those in `oversigned` once more, so that none can be added. */
const covered = [
  'From',
  'To',
  'Reply-To',
  'Subject',
  'Date',
  'Message-ID',
  'MIME-Version',
  'Content-Type',
  'Auto-Submitted',
  'Feedback-ID',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
];
const oversigned = ['From', 'To', 'Subject', 'Date', 'Reply-To', 'Content-Type'];

/**
 * The mail with a DKIM-Signature (RFC 6376, relaxed/relaxed) for each key before it. The same mail gives the same
 * bytes. The body is hashed once; signing happens off the main thread.
 */
export async function signed(
  mime: Buffer,
  domain: string,
  keys: readonly DkimKey[],
): Promise<Buffer> {
  const split = mime.indexOf('\r\n\r\n');
  const headers = headersOf(mime.toString('latin1', 0, split < 0 ? mime.length : split));
  const hash = createHash('sha256').update(relaxedBody(mime, split)).digest('base64');
  const names = [...covered.filter((name) => headers.has(name.toLowerCase())), ...oversigned];
  const content = covered.flatMap((name) => headers.get(name.toLowerCase()) ?? []).join('\r\n');
  const signatures = await Promise.all(
    keys.map(async (key) => {
      const unsigned = signatureHeader(key, domain, names, hash);
      const value = await signatureOf(key, `${content}\r\n${relaxedHeader(unsigned)}`);
      return `${unsigned}${value.replace(/.{1,72}/g, '\r\n $&')}\r\n`;
    }),
  );
  return Buffer.concat([Buffer.from(signatures.join(''), 'latin1'), mime]);
}

function signatureHeader(
  { algorithm, selector }: DkimKey,
  domain: string,
  names: readonly string[],
  hash: string,
): string {
  const list = names.join(':').replace(/.{1,60}:/g, '$&\r\n  ');
  return [
    `DKIM-Signature: v=1; a=${algorithm}; c=relaxed/relaxed;`,
    ` d=${domain}; s=${selector};`,
    ` h=${list};`,
    ` bh=${hash};`,
    ` b=`,
  ].join('\r\n');
}

function signatureOf({ algorithm, key }: DkimKey, text: string): Promise<string> {
  const data = Buffer.from(text, 'latin1');
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, value: Buffer) => {
      if (error) reject(error);
      else resolve(value.toString('base64'));
    };
    // Ed25519 signs the hash, as RFC 8463 has it; RSA hashes by itself.
    if (algorithm === 'rsa-sha256') sign('sha256', data, key, done);
    else sign(null, createHash('sha256').update(data).digest(), key, done);
  });
}

/** Header fields in relaxed form by lower-case name. Ours come once each. */
function headersOf(head: string): Map<string, string> {
  const fields = head.replace(/\r\n(?=[ \t])/g, '').split('\r\n');
  return new Map(
    fields.map((field) => {
      const relaxed = relaxedHeader(field);
      return [relaxed.slice(0, relaxed.indexOf(':')), relaxed];
    }),
  );
}

function relaxedHeader(field: string): string {
  const unfolded = field.replace(/\r\n(?=[ \t])/g, '');
  const colon = unfolded.indexOf(':');
  const value = unfolded
    .slice(colon + 1)
    .replace(/[ \t]+/g, ' ')
    .trim();
  return `${unfolded.slice(0, colon).trim().toLowerCase()}:${value}`;
}

/** Blanks at line ends dropped, others as one; empty lines at the end dropped. */
function relaxedBody(mime: Buffer, split: number): Buffer {
  if (split < 0) return Buffer.alloc(0);
  const body = mime.subarray(split + 4);
  const tidy = ['\t', '  ', ' \r\n'].some((blank) => body.includes(blank))
    ? Buffer.from(
        body
          .toString('latin1')
          .replace(/[ \t]+/g, ' ')
          .replaceAll(' \r\n', '\r\n'),
        'latin1',
      )
    : body;
  let end = tidy.length;
  while (end >= 2 && tidy[end - 2] === 0x0d && tidy[end - 1] === 0x0a) end -= 2;
  if (end === 0) return Buffer.alloc(0);
  return end === tidy.length
    ? Buffer.concat([tidy, Buffer.from('\r\n')])
    : tidy.subarray(0, end + 2);
}
