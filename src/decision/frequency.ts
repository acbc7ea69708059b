import { type Sending, valueOf } from '../brand/sending.ts';
import type { RecentMail } from '../contract/timing.ts';

const dayMs = 86_400_000;

export type Capped = {
  readonly most: number;
  readonly days: number;
  readonly counted: readonly RecentMail[];
};

/**
 * The cap that keeps a commercial mail back; undefined where it may go. What is worth less doesn't count against it, and of two
 * that wait the one that is worth more goes. Pure.
 */
export function cappedBy(
  sending: Pick<Sending, 'caps' | 'values'>,
  template: string,
  recent: readonly RecentMail[],
  now: Date,
): Capped | undefined {
  const own = valueOf(sending, template);
  for (const { most, days } of sending.caps) {
    const since = now.getTime() - days * dayMs;
    const counted = recent.filter((one) => {
      const value = valueOf(sending, one.template);
      if (one.at !== null) return value >= own && one.at.getTime() > since;
      return one.hasTurn ? value >= own : value > own;
    });
    if (counted.length >= most) return { most, days, counted };
  }
  return undefined;
}
