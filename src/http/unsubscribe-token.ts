import { addressHash } from '../message/rows/guards.ts';
import { seal, unseal } from './sealed.ts';

/** Whom an unsubscribe link is about, and whose mail she no longer wants. The address itself is not in it. */
export type Unsubscription = {
  readonly tenant: string;
  readonly brand: string;
  /** As the suppression list keeps it: hex SHA-256 of the canonical address. */
  readonly addressHash: string;
};

const purpose = 'unsubscribe';
const hashLength = 32;

/**
 * The link for `List-Unsubscribe` and the footer: the same for the same person always, so attempts at a message don't differ. Pure, some 25 µs. `publicUrl` is
 * where the API is reached from outside.
 */
export function unsubscribeUrl(
  publicUrl: string,
  secret: string,
  { tenant, brand, address }: { tenant: string; brand: string; address: string },
): string {
  const text = Buffer.concat([
    Buffer.from(addressHash(address), 'hex'),
    Buffer.from(`${tenant}\n${brand}`),
  ]);
  const token = seal(secret, purpose, text);
  return `${publicUrl.replace(/\/+$/, '')}/u/${token}`;
}

/** Reads a link's token with the newest secret or an earlier one; null when it is none of ours, or was changed. */
export function readUnsubscribeToken(
  token: string,
  secrets: readonly string[],
): Unsubscription | null {
  const text = unseal(secrets, purpose, token);
  if (!text || text.length <= hashLength) return null;
  const [tenant = '', brand = ''] = text.subarray(hashLength).toString().split('\n');
  return { tenant, brand, addressHash: text.subarray(0, hashLength).toString('hex') };
}
