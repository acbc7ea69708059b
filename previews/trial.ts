import type { Brand } from '../src/core/brand.ts';
import type { Offer } from '../src/core/catalogue.ts';
import type { Fact, Step } from '../src/core/decision.ts';
import type { Profile } from '../src/core/profile.ts';
import type { Names } from '../src/send/sentences.ts';
import type { Trial } from './protocol.ts';

export type TrialContext = {
  readonly brand: Brand;
  readonly names: Names;
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
  if (!step || step.outcome === 'pass') return null;
  if (step.flip?.set) return { label: labelOf(step.flip.set, context), set: step.flip.set };
  const { now, names, profile } = context;
  const bought = { count: 1, lastAt: now.toISOString() };
  switch (step.reason) {
    case 'outside-dates': {
      if (!offer) return null;
      const from = new Date(offer.startsAt);
      const last = new Date(new Date(offer.endsAt).getTime() - dayMs);
      return onDay(now < from || last < from ? from : last, names);
    }
    case 'just-bought': {
      const at = boughtAt(step.actual);
      if (at === undefined || at >= now) return null;
      return onDay(
        new Date(at.getTime() + context.brand.programme.returnWindowDays * dayMs + 1000),
        names,
      );
    }
    case 'never-bought': {
      const [product] = offer?.productIds ?? [];
      const [category] = offer?.categories ?? [];
      const path =
        product !== undefined
          ? `boughtProducts.${product}`
          : category !== undefined
            ? `boughtCategories.${category}`
            : undefined;
      return path === undefined ? null : { label: 'Try as bought before', set: flat(path, bought) };
    }
    case 'wrong-channel': {
      const [channel] = offer?.channels ?? [];
      return channel === undefined
        ? null
        : { label: `Try with one ${channel} purchase`, set: flat(`channels.${channel}`, bought) };
    }
    case 'bonus-used':
    case 'already-satisfied': {
      const id = offer?.bonusId ?? context.bonusId;
      const place = profile?.bonuses.findIndex(({ bonusId }) => bonusId === id) ?? -1;
      const bonus = profile?.bonuses[place];
      if (!bonus) return null;
      const set = { [`bonuses.${place}.state`]: 'granted', [`bonuses.${place}.usedAt`]: null };
      return bonus.useBy !== null && new Date(bonus.useBy) <= now
        ? { label: 'Try while it was open', set, at: bonus.grantedAt }
        : { label: 'Try with the bonus unused', set };
    }
    default:
      return null;
  }
}

const onDay = (at: Date, names: Names): Trial => ({
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

const flat = (path: string, values: Readonly<Record<string, Fact>>) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`${path}.${key}`, value]));

function boughtAt(fact: Fact): Date | undefined {
  if (typeof fact !== 'object' || fact === null || !('boughtAt' in fact)) return undefined;
  return typeof fact.boughtAt === 'string' ? new Date(fact.boughtAt) : undefined;
}
