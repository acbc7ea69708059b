import type { Brand } from '../src/brand/brand.ts';
import type { Offer } from '../src/brand/catalogue.ts';
import type { Fact, Reason, Step } from '../src/contract/decision.ts';
import type { Profile } from '../src/contract/profile.ts';
import type { Trial } from './protocol.ts';
import type { Words } from './words.ts';

export type TrialContext = {
  readonly brand: Brand;
  readonly names: Words;
  readonly profile: Profile | null;
  readonly now: Date;
  /** The bonus the message is about, where it is about one. */
  readonly bonusId: string | undefined;
};

const dayMs = 86_400_000;

/** What can be tried to turn an objection: the rule's own proposal, else what the preview can make of its facts. */
export function trialFor(
  step: Step | undefined,
  context: TrialContext,
  offer?: Offer,
): Trial | null {
  // A guest has nothing that could be changed.
  if (!step || step.outcome === 'pass' || !context.profile) return null;
  if (step.flip?.set) return { label: labelOf(step.flip.set, context), set: step.flip.set };
  return proposals[step.reason]?.(step, context, offer) ?? null;
}

type Proposal = (step: Step, context: TrialContext, offer: Offer | undefined) => Trial | null;

/** Where the rule itself proposes nothing, for no single field decides. */
const proposals: Partial<Record<Reason, Proposal>> = {
  'outside-dates': (_step, { now, names }, offer) => {
    if (!offer) return null;
    const from = new Date(offer.startsAt);
    const last = new Date(Date.parse(offer.endsAt) - dayMs);
    return onDay(now < from || last < from ? from : last, names);
  },
  'just-bought': ({ actual }, { now, names, brand }) => {
    const at = boughtAt(actual ?? null);
    if (at === undefined || at >= now) return null;
    const over = at.getTime() + brand.programme.returnWindowDays * dayMs + 1000;
    return onDay(new Date(over), names);
  },
  'never-bought': (_step, { now }, offer) => {
    const [product] = offer?.productIds ?? [];
    const [category] = offer?.categories ?? [];
    if (product !== undefined) return asBought(`boughtProducts.${product}`, now);
    return category === undefined ? null : asBought(`boughtCategories.${category}`, now);
  },
  'wrong-channel': (_step, { now }, offer) => {
    const [channel] = offer?.channels ?? [];
    if (channel === undefined) return null;
    const { set } = asBought(`channels.${channel}`, now);
    return { label: `Try with one ${channel} purchase`, set };
  },
  'bonus-used': (_step, context, offer) => asUnused(offer?.bonusId, context),
  'bonus-not-granted': (_step, context, offer) => asUnused(offer?.bonusId, context),
  'already-satisfied': (_step, context) => asUnused(context.bonusId, context),
};

const asBought = (path: string, now: Date): Trial => ({
  label: 'Try as bought before',
  set: { [`${path}.count`]: 1, [`${path}.lastAt`]: now.toISOString() },
});

function asUnused(bonusId: string | undefined, { profile, now }: TrialContext): Trial | null {
  const place = profile?.bonuses.findIndex((bonus) => bonus.bonusId === bonusId) ?? -1;
  const bonus = profile?.bonuses[place];
  if (!bonus) return null;
  // On the day it was granted it was neither used nor over.
  if (bonus.useBy !== null && new Date(bonus.useBy) <= now)
    return { label: 'Try while it was open', set: {}, at: bonus.grantedAt };
  const set = { [`bonuses.${place}.state`]: 'granted', [`bonuses.${place}.usedAt`]: null };
  return { label: 'Try with the bonus unused', set };
}

const onDay = (at: Date, names: Words): Trial => ({
  label: `Try on ${names.day(at.toISOString())}`,
  set: {},
  at: at.toISOString(),
});

function labelOf(set: Readonly<Record<string, Fact>>, { names }: TrialContext): string {
  const [path = '', value] = Object.entries(set)[0] ?? [];
  if (path === 'activePoints' && typeof value === 'number')
    return `Try with ${names.points(value)}`;
  if (path === 'currentTier.id' && typeof value === 'string') return `Try as ${names.tier(value)}`;
  if (path.startsWith('consents.')) return 'Try with consent';
  if (path === 'memberStatus') return 'Try with an active membership';
  if (path.startsWith('redemptions.')) return 'Try as not yet redeemed';
  return 'Try it';
}

function boughtAt(fact: Fact): Date | undefined {
  if (typeof fact !== 'object' || fact === null || !('boughtAt' in fact)) return undefined;
  return typeof fact.boughtAt === 'string' ? new Date(fact.boughtAt) : undefined;
}
