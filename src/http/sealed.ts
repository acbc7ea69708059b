import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';

import { memo } from '../core/memo.ts';

/*
 * token = base64url(seal ‖ AES-256-CTR(key 1, iv = seal, text)), seal = first 16 bytes of HMAC-SHA-256(key 2, text):
 * the SIV construction (RFC 5297) from Node's primitives. The same text always has the same token; nobody without the secret
 * can make one, read it, or test what it says.
 */
const sealLength = 16;

const keysOf = memo(
  (secret: string) => memo((use: string) => createHmac('sha256', secret).update(use).digest(), 100),
  100,
);
const keyOf = (secret: string, purpose: string, use: 'seal' | 'text') =>
  keysOf(secret)(`laurel ${purpose} 1 ${use}`);

const sealOf = (secret: string, purpose: string, text: Buffer) =>
  createHmac('sha256', keyOf(secret, purpose, 'seal'))
    .update(text)
    .digest()
    .subarray(0, sealLength);

/** A text as a token that can stand in an address. Tokens of one purpose are none of another. */
export function seal(secret: string, purpose: string, text: Buffer): string {
  const sealed = sealOf(secret, purpose, text);
  const cipher = createCipheriv('aes-256-ctr', keyOf(secret, purpose, 'text'), sealed);
  return Buffer.concat([sealed, cipher.update(text), cipher.final()]).toString('base64url');
}

/** An address of this installation, as it is reached from outside. */
export const publicAddress = (publicUrl: string, path: string): string =>
  `${publicUrl.replace(/\/+$/, '')}/${path}`;

/** What a token says, by the newest secret or an earlier one; null when it is none of ours, or was changed. */
export function unseal(secrets: readonly string[], purpose: string, token: string): Buffer | null {
  // Base64url has spare bits in its last character; only the one spelling we made is ours.
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.toString('base64url') !== token || bytes.length <= sealLength) return null;
  const sealed = bytes.subarray(0, sealLength);
  for (const secret of secrets) {
    const decipher = createDecipheriv('aes-256-ctr', keyOf(secret, purpose, 'text'), sealed);
    const text = Buffer.concat([decipher.update(bytes.subarray(sealLength)), decipher.final()]);
    if (timingSafeEqual(sealed, sealOf(secret, purpose, text))) return text;
  }
  return null;
}
