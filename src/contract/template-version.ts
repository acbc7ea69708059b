import { z } from 'zod';

/** A published version of a template: the hash of everything it is made of, 64 hexadecimal digits. */
const VersionHash = z.string().regex(/^[0-9a-f]{64}$/);

export const isVersionHash = (text: string): boolean => VersionHash.safeParse(text).success;

/** Whether what was kept is what somebody asks for now, who may be asking a second time. */
export function keepsVersion(pinned: string | null, wanted: string | undefined): boolean {
  if (wanted === undefined || wanted === 'live') return pinned === null;
  return pinned !== null && (wanted === 'accepted' || pinned.startsWith(wanted));
}

/** A hash or so much of its beginning that there is only one such version. */
export const VersionPrefix = z
  .string()
  .regex(/^[0-9a-f]{7,64}$/, 'must be a version’s hash, or at least its first 7 digits');

/**
 * The version a message is made with: `live`, whatever is live when its turn comes; `accepted`, what is live when it is
 * accepted; or the one with this hash.
 */
export const WantedVersion = z
  .string()
  .regex(
    /^(live|accepted|[0-9a-f]{7,64})$/,
    'must be live, accepted, or a version’s hash (at least its first 7 digits)',
  );

/** A hash as people read and type it. */
export const shortHash = (hash: string): string => hash.slice(0, 12);
