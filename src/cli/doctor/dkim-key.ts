import { createPublicKey } from 'node:crypto';

import { about, type Finding } from './finding.ts';
import type { LookUp } from './look-up.ts';
import { valueOf } from './tags.ts';

const { ok, warn, fail } = about('DNS');

/** Bits of an RSA key below which receivers take no signature, and below which one shouldn't sign. Source: RFC 8301. */
const leastBits = 1024;
const wantedBits = 2048;

/** Whether a key that mail of the domain is signed with can be found and used. Signed for the sender's domain, DKIM is aligned. */
export async function checkDkimKey(
  domain: string,
  selector: string,
  lookUp: LookUp,
): Promise<Finding> {
  const where = `${selector}._domainkey.${domain}`;
  const texts = await lookUp(where);
  if (texts === 'unknown') return warn(`${domain}: could not check DKIM, no answer from DNS`);
  const record = texts === 'none' ? undefined : texts.find((text) => /(^|;)\s*p=/i.test(text));
  if (record === undefined)
    return fail(
      `${domain}: there is no DKIM key ${selector}`,
      `publish it at ${where}; your mail provider shows it`,
    );
  const tags = record.split(';').map((part) => {
    const at = part.indexOf('=');
    return { name: part.slice(0, at).trim().toLowerCase(), value: part.slice(at + 1).trim() };
  });
  const key = (valueOf(tags, 'p') ?? '').replace(/\s+/g, '');
  if (key === '')
    return fail(`${domain}: DKIM key ${selector} was withdrawn`, `publish the new one at ${where}`);
  const bits = bitsOf(key, valueOf(tags, 'k') ?? 'rsa');
  if (bits === null)
    return fail(`${domain}: DKIM key ${selector} can't be read`, `publish it anew at ${where}`);
  if (bits < leastBits)
    return fail(
      `${domain}: DKIM key ${selector} has ${bits} bits; receivers ask for ${leastBits} at least`,
      `make one of ${wantedBits} bits`,
    );
  if (/(^|:)y(:|$)/i.test(valueOf(tags, 't') ?? ''))
    return warn(
      `${domain}: DKIM key ${selector} says it is being tried (t=y): receivers may treat mail as unsigned`,
      'take out t=y',
    );
  if (bits < wantedBits && bits !== ed25519Bits)
    return warn(
      `${domain}: DKIM key ${selector} has ${bits} bits`,
      `make one of ${wantedBits} bits when you change it next`,
    );
  return ok(
    `${domain}: DKIM key ${selector} is there, and aligned where d= is the sender's domain`,
  );
}

const ed25519Bits = 256 * 8;

function bitsOf(key: string, kind: string): number | null {
  const bytes = Buffer.from(key, 'base64');
  if (kind.toLowerCase() === 'ed25519') return bytes.length === 32 ? ed25519Bits : null;
  try {
    const read = createPublicKey({ key: bytes, format: 'der', type: 'spki' });
    return read.asymmetricKeyDetails?.modulusLength ?? null;
  } catch {
    // Nothing but its form can be wrong with it, and that is what the caller says.
    return null;
  }
}
