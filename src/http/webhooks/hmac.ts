import { createHmac, timingSafeEqual } from 'node:crypto';

/** How a signature is written. */
export type Written = {
  readonly encoding: 'hex' | 'base64';
  readonly algorithm: 'sha256' | 'sha512';
};

/** Whether `signature` is the HMAC of `content` under one of the keys, compared in constant time. */
export function isSignedBy(
  keys: readonly (string | Buffer)[],
  content: readonly (string | Buffer)[],
  signature: string,
  { encoding, algorithm }: Written = { encoding: 'base64', algorithm: 'sha256' },
): boolean {
  const given = Buffer.from(signature, encoding);
  const asWritten = encoding === 'hex' ? signature.toLowerCase() : signature;
  // Of the right length, and written as it is: nothing after it, nothing left out.
  if (given.length !== bytes[algorithm] || given.toString(encoding) !== asWritten) return false;
  // All keys are tried, so that the time doesn't tell which one it was.
  return keys
    .map((key) => {
      const hmac = createHmac(algorithm, key);
      for (const part of content) hmac.update(part);
      return timingSafeEqual(hmac.digest(), given);
    })
    .includes(true);
}

const bytes = { sha256: 32, sha512: 64 } as const;
