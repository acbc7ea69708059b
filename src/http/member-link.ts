import { addressHash } from '../message/rows/guards.ts';
import { publicAddress, seal, unseal } from './sealed.ts';

/** Where a link in a mail leads: to one click that ends something, or to the page of what one wants. */
export type LinkKind = 'unsubscribe' | 'preferences';

/** Whose a link is. */
export type LinkKey = {
  readonly tenant: string;
  readonly brand: string;
  readonly address: string;
  readonly memberId?: string;
  /** What its mail is about: all that an unsubscribe link ends. */
  readonly topic?: string;
  /** The message whose mail it stands in. */
  readonly messageId?: string;
};

/** What a link says: the address itself is not in it. */
export type LinkHolder = {
  readonly tenant: string;
  readonly brand: string;
  /** As the suppression list keeps it: hex SHA-256 of the canonical address. */
  readonly addressHash: string;
  /** Not in links of guests, and in none of earlier releases. */
  readonly memberId: string | undefined;
  readonly topic: string | undefined;
  /** In no links of earlier releases. */
  readonly messageId: string | undefined;
};

const paths: Readonly<Record<LinkKind, string>> = { unsubscribe: 'u', preferences: 'p' };
const hashLength = 32;

/**
 * A link for `List-Unsubscribe` and the footer: the same for the same message always, so attempts at it don't differ. Pure, some 25 µs. `publicUrl` is
 * where the API is reached from outside.
 */
export function memberLink(
  publicUrl: string,
  secret: string,
  kind: LinkKind,
  { tenant, brand, address, memberId, topic, messageId }: LinkKey,
): string {
  const holder = { tenant, brand, addressHash: addressHash(address), memberId, topic, messageId };
  return publicAddress(publicUrl, `${paths[kind]}/${tokenOf(secret, kind, holder)}`);
}

function tokenOf(secret: string, kind: LinkKind, holder: LinkHolder): string {
  const { tenant, brand, addressHash: hash, memberId, topic, messageId } = holder;
  // A topic is a member's: without one there is nobody to switch it off for.
  const words = [tenant, brand, memberId, memberId && topic, messageId];
  // What is left out at the end isn't written, as in links of earlier releases.
  while (words.at(-1) === undefined) words.pop();
  return seal(
    secret,
    kind,
    Buffer.concat([Buffer.from(hash, 'hex'), Buffer.from(words.join('\n'))]),
  );
}

/** From one page to the other, for whoever holds a link. */
export function preferencesPath(secret: string, holder: LinkHolder): string {
  return `/${paths.preferences}/${tokenOf(secret, 'preferences', holder)}`;
}

/** Reads a link's token with the newest secret or an earlier one; null when it is none of ours, or was changed. */
export function readMemberLink(
  kind: LinkKind,
  token: string,
  secrets: readonly string[],
): LinkHolder | null {
  const text = unseal(secrets, kind, token);
  if (!text || text.length <= hashLength) return null;
  const [tenant = '', brand = '', memberId, topic, messageId] = text
    .subarray(hashLength)
    .toString()
    .split('\n');
  return {
    tenant,
    brand,
    addressHash: text.subarray(0, hashLength).toString('hex'),
    memberId: memberId || undefined,
    topic: topic || undefined,
    messageId,
  };
}
