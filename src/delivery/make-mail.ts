import { isDeepStrictEqual } from 'node:util';

import type { Coupons } from '../contract/coupon.ts';
import type { Rendered } from '../contract/template.ts';
import { PermanentError, TemporaryError } from '../core/errors.ts';
import { type Context, plan, type Plan, type Prepared } from '../decision/prepare.ts';

/** What is reserved for a mail before it is made. */
export type Reservations = {
  readonly facts: Pick<Context, 'timing' | 'coupons'>;
  /** When it goes; at once where it is not a commercial mail. Throws TemporaryError `changed-meanwhile` where it must be decided anew. */
  readonly turn: (address: string, now: Date) => Promise<Date>;
  /** Codes for these offers, and no others from then on; `none` of an offer whose pool ran empty meanwhile. */
  readonly reserve: (offerIds: readonly string[]) => Promise<Coupons>;
  /** An earlier attempt may have reserved codes. */
  readonly again: boolean;
};

/** What there is to do between deciding and rendering. */
type Making = {
  readonly render: (mail: NonNullable<Plan['mail']>) => Promise<Rendered>;
  readonly reservations: Reservations | null;
};

/** `prepare` in steps: decided, then its turn and codes reserved, then rendered where it can do no harm. */
export async function makeMail(
  { render, reservations }: Making,
  ...args: Parameters<typeof plan>
): Promise<Prepared & { readonly heldUntil?: Date }> {
  let planned = await orQuarantine(() => plan(...args));
  if (planned.mail && reservations) {
    const [, , { address, now }] = args;
    const until = await reservations.turn(address, now);
    if (until > now) return { decision: planned.decision, heldUntil: until };
    planned = await withCoupons(planned, reservations, ...args);
  }
  const { decision, mail } = planned;
  return mail ? orQuarantine(async () => mail.finish(await render(mail))) : { decision };
}

/** A template that fails for this person's data puts this message aside, and nothing else. */
async function orQuarantine<Value>(work: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PermanentError || error instanceof TemporaryError) throw error;
    const text = error instanceof Error ? error.message : String(error);
    throw new PermanentError('render-failed', `the template failed for this message: ${text}`, {
      cause: error,
    });
  }
}

/** Reserves the codes that a mail shows and decides it with them: an offer whose pool ran empty meanwhile makes room for others. */
async function withCoupons(
  first: Plan,
  { reserve, again }: Reservations,
  ...[message, reading, context]: Parameters<typeof plan>
): Promise<Plan> {
  let planned = first;
  let coupons = context.coupons ?? new Map();
  let reserved: readonly string[] | null = again ? null : [];
  // Comes to an end: what there is none of stays so, and what is reserved, too.
  while (!isDeepStrictEqual(planned.coupons, reserved)) {
    reserved = planned.coupons;
    coupons = new Map([...coupons, ...(await reserve(reserved))]);
    const known = { ...context, coupons };
    planned = await orQuarantine(() => plan(message, reading, known));
  }
  return planned;
}
