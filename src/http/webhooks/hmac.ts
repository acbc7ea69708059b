import { createHmac, timingSafeEqual } from 'node:crypto';

/** Whether `signature` (base64) is the HMAC-SHA256 of `content` under one of the keys, compared in constant time. */
export function isSignedBy(
  keys: readonly (string | Buffer)[],
  content: readonly (string | Buffer)[],
  signature: string,
): boolean {
  const given = Buffer.from(signature, 'base64');
  // Of the right length, and written as base64 is: nothing after it, nothing left out.
  if (given.length !== 32 || given.toString('base64') !== signature) return false;
  // All keys are tried, so that the time doesn't tell which one it was.
  return keys
    .map((key) => {
      const hmac = createHmac('sha256', key);
      for (const part of content) hmac.update(part);
      return timingSafeEqual(hmac.digest(), given);
    })
    .includes(true);
}
