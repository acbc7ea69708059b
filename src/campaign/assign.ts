import { createHash } from 'node:crypto';

import type { Brand } from '../brand/brand.ts';
import type { Campaign } from './campaigns.ts';

/**
 * Where a member stands between 0 and 1, the same whenever it is asked, and for each name on its own: the first 32 bits of
 * `md5('name:member')`, which anyone can count again.
 */
export function placeOf(name: string, memberId: string): number {
  const digest = createHash('md5').update(`${name}:${memberId}`).digest();
  return digest.readUInt32BE(0) / 2 ** 32;
}

/** Kept out of every campaign of the brand, to compare with. */
export const isInControlGroup = (
  { id, controlGroupPercent = 0 }: Pick<Brand, 'id' | 'controlGroupPercent'>,
  tenant: string,
  memberId: string,
): boolean => placeOf(`control:${tenant}:${id}`, memberId) < controlGroupPercent / 100;

/** Kept out of this campaign. */
export const isHeldOut = ({ id, holdout }: Pick<Campaign, 'id' | 'holdout'>, memberId: string) =>
  placeOf(`holdout:${id}`, memberId) < holdout;

/** Written to first. */
export const isInPilot = (
  { id, pilot }: Pick<Campaign, 'id' | 'pilot'>,
  memberId: string,
): boolean => pilot === null || placeOf(`pilot:${id}`, memberId) < pilot;

/** Gets the alternative instead of the first mail. */
export const isAlternative = (
  { id, alternative }: Pick<Campaign, 'id' | 'alternative'>,
  memberId: string,
): boolean => alternative !== null && placeOf(`alternative:${id}`, memberId) < alternative.share;
