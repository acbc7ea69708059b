import { parse, stringify } from 'uuid';

import type { CountedLink } from '../decision/counted-links.ts';
import { publicAddress, seal, unseal } from './sealed.ts';

const purpose = 'click';
/** Characters of a token. Mail programs and proxies cut addresses of some 2,000. */
const longest = 1_500;
const idLength = 16;
/** Characters of a token that are of its seal alone. */
const sealed = 21;

/** A link that was followed. */
export type FollowedLink = CountedLink & {
  /** Names it among all links, and says nothing of where it leads. */
  readonly link: string;
};

/** Where a link of a mail leads instead, to be counted: the same for the same message and target always. Pure. */
export function clickUrl(
  publicUrl: string,
  secret: string,
  { tenant, messageId, target }: CountedLink,
): string | null {
  const text = Buffer.concat([parse(messageId), Buffer.from(`${tenant}\n${target}`)]);
  const token = seal(secret, purpose, text);
  return token.length > longest ? null : publicAddress(publicUrl, `c/${token}`);
}

/** Reads a link's token with the newest secret or an earlier one; null when it is none of ours, or was changed. */
export function readClick(token: string, secrets: readonly string[]): FollowedLink | null {
  const text = unseal(secrets, purpose, token);
  if (!text || text.length <= idLength) return null;
  const [tenant = '', target = ''] = text.subarray(idLength).toString().split('\n');
  return {
    tenant,
    messageId: stringify(text.subarray(0, idLength)),
    target,
    link: token.slice(0, sealed),
  };
}
