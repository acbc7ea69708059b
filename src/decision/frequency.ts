import { type Sending, valueOf } from '../brand/sending.ts';
import type { MailFrequency, Profile } from '../contract/profile.ts';
import type { RecentMail } from '../contract/timing.ts';

const dayMs = 86_400_000;

export type Cap = {
  readonly most: number;
  readonly days: number;
  /** The member's own wish counts every mail, whatever it is worth. */
  readonly wished?: true;
};
export type Caps = { readonly caps: readonly Cap[]; readonly values: Sending['values'] };

export type Capped = Cap & { readonly counted: readonly RecentMail[] };

const wishes: Readonly<Record<MailFrequency, readonly Cap[]>> = {
  all: [],
  weekly: [{ most: 1, days: 7, wished: true }],
  monthly: [{ most: 1, days: 30, wished: true }],
};

/** What the brand sets and what the member wants; null where neither keeps anything back. Pure. */
export function capsOf(
  sending: Sending | undefined,
  profile: Pick<Profile, 'mailing'> | null,
): Caps | null {
  const caps = [...(sending?.caps ?? []), ...wishes[profile?.mailing?.frequency ?? 'all']];
  return caps.length === 0 ? null : { caps, values: sending?.values ?? {} };
}

/**
 * The cap that keeps a commercial mail back; undefined where it may go. What is worth less doesn't count against it, and of two
 * that wait the one that is worth more goes. Pure.
 */
export function cappedBy(
  { caps, values }: Caps,
  template: string,
  recent: readonly RecentMail[],
  now: Date,
): Capped | undefined {
  const own = valueOf({ values }, template);
  for (const cap of caps) {
    const since = now.getTime() - cap.days * dayMs;
    const counted = recent.filter((one) => {
      const value = valueOf({ values }, one.template);
      const counts = cap.wished === true || value >= own;
      if (one.at !== null) return counts && one.at.getTime() > since;
      return one.hasTurn ? counts : value > own;
    });
    if (counted.length >= cap.most) return { ...cap, counted };
  }
  return undefined;
}
