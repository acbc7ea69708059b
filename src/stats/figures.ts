/** One count: so many messages of so many are in this state, or had this told of them. */
export type Counted = { readonly what: string; readonly reason: string; readonly n: number };

/** A count and what it is a part of, so that a percentage is never without its base. */
export type Share = {
  readonly count: number;
  readonly of: 'accepted' | 'sent';
  readonly base: number;
  /** From 0 to 1; null where the base is nothing. */
  readonly share: number | null;
};

/** What became of mails, each counted once a line. */
export type Figures = {
  readonly accepted: number;
  readonly sent: Share;
  /** On their way: waiting for a worker, or in one. */
  readonly waiting: Share;
  readonly held: Share;
  readonly suppressed: Share;
  readonly failed: Share;
  readonly quarantined: Share;
  readonly cancelled: Share;
  /** By state, and in it by reason: why nothing went out, or what it waits for. */
  readonly reasons: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly delivered: Share;
  readonly softBounced: Share;
  readonly hardBounced: Share;
  readonly complained: Share;
  readonly unsubscribed: Share;
  readonly clicked: Share;
};

/** Every figure, in the order of a mail's way; what it counts, and of what it is a part. */
export const figures = {
  sent: { counts: ['sent'], of: 'accepted' },
  waiting: { counts: ['queued', 'sending'], of: 'accepted' },
  held: { counts: ['held'], of: 'accepted' },
  suppressed: { counts: ['suppressed'], of: 'accepted' },
  failed: { counts: ['failed'], of: 'accepted' },
  quarantined: { counts: ['quarantined'], of: 'accepted' },
  cancelled: { counts: ['cancelled'], of: 'accepted' },
  delivered: { counts: ['delivered'], of: 'sent' },
  softBounced: { counts: ['soft-bounce'], of: 'sent' },
  hardBounced: { counts: ['hard-bounce'], of: 'sent' },
  complained: { counts: ['complaint'], of: 'sent' },
  unsubscribed: { counts: ['unsubscribed'], of: 'sent' },
  clicked: { counts: ['clicked'], of: 'sent' },
} as const satisfies Record<string, { counts: readonly string[]; of: Share['of'] }>;

export type FigureName = keyof typeof figures;

export const figureNames: readonly FigureName[] = [
  'sent',
  'waiting',
  'held',
  'suppressed',
  'failed',
  'quarantined',
  'cancelled',
  'delivered',
  'softBounced',
  'hardBounced',
  'complained',
  'unsubscribed',
  'clicked',
];

/** States: a message is in one of them. The others are told of mails that were sent. */
const states = figureNames.flatMap((name) =>
  figures[name].of === 'accepted' ? [...figures[name].counts] : [],
);

/** Counts as figures. Pure. */
export function figuresOf(counted: readonly Counted[]): Figures {
  const count = (whats: readonly string[]) =>
    counted.reduce((sum, { what, n }) => (whats.includes(what) ? sum + n : sum), 0);
  const bases = { accepted: count(states), sent: count(figures.sent.counts) };
  const share = (name: FigureName): Share => {
    const { counts, of } = figures[name];
    const n = count(counts);
    return { count: n, of, base: bases[of], share: bases[of] === 0 ? null : n / bases[of] };
  };
  const reasons: Record<string, Record<string, number>> = {};
  for (const { what, reason, n } of counted) {
    if (reason === '') continue;
    const those = (reasons[what] ??= {});
    those[reason] = (those[reason] ?? 0) + n;
  }
  return {
    accepted: bases.accepted,
    sent: share('sent'),
    waiting: share('waiting'),
    held: share('held'),
    suppressed: share('suppressed'),
    failed: share('failed'),
    quarantined: share('quarantined'),
    cancelled: share('cancelled'),
    reasons,
    delivered: share('delivered'),
    softBounced: share('softBounced'),
    hardBounced: share('hardBounced'),
    complained: share('complained'),
    unsubscribed: share('unsubscribed'),
    clicked: share('clicked'),
  };
}
