import type { Brand } from '../src/brand/brand.ts';
import type { Catalogue, Offer } from '../src/brand/catalogue.ts';
import type { Decision, Step } from '../src/contract/decision.ts';
import type { Fact } from '../src/contract/fact-text.ts';
import type { Profile } from '../src/contract/profile.ts';
import type { Reason } from '../src/contract/reasons.ts';
import { valueAt } from '../src/personas/what-if.ts';
import type { Move } from './protocol.ts';

/** What moves are made from: the decision that is to be turned, and what it was made of. */
export type Board = {
  readonly brand: Brand;
  readonly catalogue: Catalogue;
  readonly decision: Decision;
  readonly profile: Profile | null;
  readonly now: Date;
  /** The bonus the message is about, where it is about one. */
  readonly bonusId: string | undefined;
  readonly rewardId: string | undefined;
  /** Other samples of the template. */
  readonly samples: readonly string[];
};

const dayMs = 86_400_000;

/** What may turn an objection: the rule's own flip, else what can be made of its facts; several where several may. */
export function movesFor(step: Step, board: Board, offer?: Offer): readonly Move[] {
  if (step.outcome === 'pass') return [];
  // A guest has nothing that could be changed, but the message may be another.
  const own = board.profile ? ofMember(step, board.profile, board, offer) : [];
  return [...own, ...(ofMessage[step.reason]?.(step, board) ?? [])];
}

function ofMember(
  step: Exclude<Step, { outcome: 'pass' }>,
  profile: Profile,
  board: Board,
  offer: Offer | undefined,
): readonly Move[] {
  const flipped = step.flip?.set ? [{ set: step.flip.set }] : [];
  return [...flipped, ...(proposals[step.reason]?.(step, profile, board, offer) ?? [])];
}

type Proposal = (
  step: Exclude<Step, { outcome: 'pass' }>,
  profile: Profile,
  board: Board,
  offer: Offer | undefined,
) => readonly Move[];

/** Where the rule itself proposes nothing, for no single field decides, or where there are other ways. */
const proposals: Partial<Record<Reason, Proposal>> = {
  'outside-dates': (_step, _profile, { now }, offer) => {
    if (!offer) return [];
    const [from, last] = [new Date(offer.startsAt), new Date(Date.parse(offer.endsAt) - dayMs)];
    return [onDay(now < from || last < from ? from : last), onDay(from)];
  },
  'just-bought': ({ actual }, profile, { now, brand, catalogue }) => {
    const product = textIn(actual, 'productId');
    const at = textIn(actual, 'boughtAt');
    if (product === undefined || at === undefined) return [];
    const days =
      catalogue.products.get(product)?.returnWindowDays ?? brand.programme.returnWindowDays;
    const over = new Date(Date.parse(at) + days * dayMs + 1000);
    const path = `boughtProducts.${product}.lastFullPriceAt`;
    const before = new Date(now.getTime() - (days + 1) * dayMs).toISOString();
    return [
      onDay(over),
      ...(valueAt(profile, path) === at.replace('.000', '') || valueAt(profile, path) === at
        ? [{ set: { [path]: before } }]
        : []),
    ];
  },
  'never-bought': (_step, _profile, { now }, offer) => [
    ...(offer?.productIds ?? []).map((id) => bought(`boughtProducts.${id}`, now)),
    ...(offer?.productIds.length ? [] : (offer?.categories ?? [])).map((category) =>
      bought(`boughtCategories.${category}`, now),
    ),
  ],
  'preference-conflict': ({ actual }, { preferences }) => {
    const said = [textIn(actual, 'avoids'), textIn(actual, 'because')];
    const set: Record<string, Fact> = {};
    for (const [kind, values] of Object.entries(preferences))
      if (values.some((one) => said.includes(one)))
        set[`preferences.${kind}`] = values.filter((one) => !said.includes(one));
    return Object.keys(set).length > 0 ? [{ set }] : [];
  },
  'wrong-channel': (_step, _profile, { now }, offer) =>
    (offer?.channels ?? []).map((channel) => bought(`channels.${channel}`, now)),
  'not-relevant': ({ needed }, _profile, { now }, offer) => {
    const interest = textIn(needed, 'interest');
    if (interest === undefined)
      return [
        ...(offer?.requires?.owns?.productIds ?? []).map((id) =>
          bought(`boughtProducts.${id}`, now),
        ),
        ...(offer?.requires?.owns?.categories ?? []).map((id) =>
          bought(`boughtCategories.${id}`, now),
        ),
      ];
    const source = offer?.requires?.signal ?? 'browsing';
    const shown = { source, count: 3, lastAt: now.toISOString() };
    return [{ set: { [`interests.${interest}`]: shown } }];
  },
  'no-signal-consent': ({ needed }) =>
    (Array.isArray(needed) ? needed : []).map((purpose) => ({
      set: { [`consents.${String(purpose)}.granted`]: true },
    })),
  'bonus-used': (_step, profile, board, offer) =>
    openBonus(offer?.bonusId ?? board.bonusId, profile, board),
  'bonus-not-granted': (_step, profile, board, offer) =>
    openBonus(offer?.bonusId ?? board.bonusId, profile, board),
  'already-satisfied': (_step, profile, board) => openBonus(board.bonusId, profile, board),
  'nothing-to-show': (step, profile, board) => somethingToShow[step.rule]?.(profile, board) ?? [],
  'too-few-points': ({ needed }) =>
    typeof needed === 'number' ? [{ set: { activePoints: needed } }] : [],
  'tier-not-eligible': ({ needed }) => asTiers(needed),
  'not-entitled': ({ needed }) => asTiers(needed),
  'too-little-affinity': (_step, _profile, _board, offer) =>
    (offer?.categories ?? []).map((category) => ({ set: { [`affinities.${category}`]: 1 } })),
  'below-the-first': (_step, profile, board, offer) => aheadOfOthers(profile, board, offer),
};

/** What a block would need to have something to show. */
const somethingToShow: Readonly<
  Record<string, (profile: Profile, board: Board) => readonly Move[]>
> = {
  bonus: (profile, board) => openBonus(board.bonusId, profile, board),
  savings: (_profile, { now, brand }) => {
    const saved = { amount: 1000, currency: brand.programme.currency };
    return [{ set: { savings: [{ year: now.getUTCFullYear(), saved }] } }];
  },
  'unlocked-reward': ({ rewards }, { now, rewardId, brand }) => {
    const known = brand.programme.rewards.find(
      (one) => rewardId === undefined || one.rewardId === rewardId,
    );
    if (!known) return [];
    const { rewardId: id, kind } = known;
    const unlocked = { unlockedAt: now.toISOString(), claimedAt: null };
    const others = rewards.filter((one) => one.rewardId !== id);
    return [{ set: { rewards: [...others, { rewardId: id, name: id, kind, ...unlocked }] } }];
  },
  'upcoming-deals': (_profile, { brand }) =>
    brand.programme.tiers.slice(0, -1).map(({ id }) => ({ set: { 'currentTier.id': id } })),
};

/** What is turned by another message rather than by another member. */
const ofMessage: Partial<Record<Reason, (step: Step, board: Board) => readonly Move[]>> = {
  'subject-cancelled': () => [{ cancelled: false }],
  'not-payable': (_step, { samples }) => samples.map((sample) => ({ sample })),
  'too-few-points': (_step, { samples }) => samples.map((sample) => ({ sample })),
  'not-in-template-data': (_step, { samples }) => samples.map((sample) => ({ sample })),
  'already-included': (_step, { samples }) => samples.map((sample) => ({ sample })),
  'other-currency': (_step, { samples }) => samples.map((sample) => ({ sample })),
  'already-satisfied': (_step, { samples }) => samples.map((sample) => ({ sample })),
  'just-bought': (_step, { samples }) => samples.map((sample) => ({ sample })),
};

const onDay = (at: Date): Move => ({ at: at.toISOString() });

const bought = (path: string, now: Date): Move => ({
  set: { [`${path}.count`]: 1, [`${path}.lastAt`]: now.toISOString() },
});

const asTiers = (needed: Fact): readonly Move[] =>
  (Array.isArray(needed) ? needed : []).map((tier) => ({
    set: { 'currentTier.id': String(tier) },
  }));

/** The bonus as it was when it was granted: unused, and not yet over. */
function openBonus(bonusId: string | undefined, profile: Profile, { now }: Board): readonly Move[] {
  if (bonusId === undefined) return [];
  const place = profile.bonuses.findIndex((bonus) => bonus.bonusId === bonusId);
  const bonus = profile.bonuses[place];
  if (!bonus) {
    const useBy = new Date(now.getTime() + 30 * dayMs).toISOString();
    const granted = { bonusId, state: 'granted', points: 50, usedAt: null, useBy };
    return [
      { set: { bonuses: [...profile.bonuses, { ...granted, grantedAt: now.toISOString() }] } },
    ];
  }
  const set = { [`bonuses.${place}.state`]: 'granted', [`bonuses.${place}.usedAt`]: null };
  // On the day it was granted it was neither used nor over.
  return [
    ...(bonus.useBy !== null && new Date(bonus.useBy) <= now ? [] : [{ set }]),
    onDay(new Date(bonus.grantedAt)),
  ];
}

/** It comes first where its category is bought most, or where those before it are over for this member. */
function aheadOfOthers(
  profile: Profile,
  { decision, brand, catalogue }: Board,
  offer: Offer | undefined,
): readonly Move[] {
  if (!offer) return [];
  const mine = decision.offers.find(({ offerId }) => offerId === offer.offerId)?.rank ?? 0;
  const tooMany = mine - brand.programme.maxOffers;
  if (tooMany <= 0) return [];
  const declined = profile.consents.profiling?.granted === false;
  const categories = new Set([
    ...offer.categories,
    ...offer.productIds.flatMap((id) => catalogue.products.get(id)?.category ?? []),
  ]);
  const liked = [...categories].map((category): Move => ({
    set: {
      [`affinities.${category}`]: 1,
      ...(declined && { 'consents.profiling.granted': true }),
    },
  }));
  const others = new Map(catalogue.offers.map((one) => [one.offerId, one]));
  const ahead = decision.offers
    .filter(({ rank }) => rank !== null && rank < mine)
    .toSorted((one, other) => (other.rank ?? 0) - (one.rank ?? 0))
    .slice(0, tooMany);
  const redeemed = Object.fromEntries(
    ahead.map(({ offerId }) => [`redemptions.${offerId}`, others.get(offerId)?.perMember ?? 1]),
  );
  return [...liked, { set: redeemed }];
}

function textIn(fact: Fact, key: string): string | undefined {
  const value = valueAt(fact, key);
  return typeof value === 'string' ? value : undefined;
}
