import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';

import { addressHash } from '../stores/guards.ts';

/** Whom an unsubscribe link is about, and whose mail she no longer wants. The address itself is not in it. */
export type Unsubscription = {
  readonly tenant: string;
  readonly brand: string;
  /** As the suppression list keeps it: hex SHA-256 of the canonical address. */
  readonly addressHash: string;
};

/*
 * token = base64url(seal ‖ AES-256-CTR(key 1, iv = seal, text)), seal = first 16 bytes of HMAC-SHA-256(key 2, text):
 * the SIV construction (RFC 5297) from Node's primitives. The same link for the same person always, so attempts at a message
 * don't differ; nobody without the secret can make one, or test from a log line whether it is somebody's.
 */
const sealLength = 16;
const hashLength = 32;
const keyOf = (secret: string, purpose: string) =>
  createHmac('sha256', secret).update(`laurel unsubscribe 1 ${purpose}`).digest();
const sealOf = (secret: string, text: Buffer) =>
  createHmac('sha256', keyOf(secret, 'seal')).update(text).digest().subarray(0, sealLength);

/** The link for `List-Unsubscribe` and the footer. Pure, some 25 µs. `publicUrl` is where the API is reached from outside. */
export function unsubscribeUrl(
  publicUrl: string,
  secret: string,
  { tenant, brand, address }: { tenant: string; brand: string; address: string },
): string {
  const text = Buffer.concat([
    Buffer.from(addressHash(address), 'hex'),
    Buffer.from(`${tenant}\n${brand}`),
  ]);
  const seal = sealOf(secret, text);
  const cipher = createCipheriv('aes-256-ctr', keyOf(secret, 'text'), seal);
  const token = Buffer.concat([seal, cipher.update(text), cipher.final()]).toString('base64url');
  return `${publicUrl.replace(/\/+$/, '')}/u/${token}`;
}

/** Reads a link's token with the newest secret or an earlier one; null when it is none of ours, or was changed. */
export function readUnsubscribeToken(
  token: string,
  secrets: readonly string[],
): Unsubscription | null {
  // Base64url has spare bits in its last character; only the one spelling we made is ours.
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.toString('base64url') !== token || bytes.length <= sealLength + hashLength) return null;
  const seal = bytes.subarray(0, sealLength);
  for (const secret of secrets) {
    const decipher = createDecipheriv('aes-256-ctr', keyOf(secret, 'text'), seal);
    const text = Buffer.concat([decipher.update(bytes.subarray(sealLength)), decipher.final()]);
    if (!timingSafeEqual(seal, sealOf(secret, text))) continue;
    const [tenant = '', brand = ''] = text.subarray(hashLength).toString().split('\n');
    return { tenant, brand, addressHash: text.subarray(0, hashLength).toString('hex') };
  }
  return null;
}
