import type { Offer } from '../brand/catalogue.ts';
import type { BlockDecision, Decision, OfferDecision, Step } from '../contract/decision.ts';
import type { Facts, RankedOffer } from '../contract/facts.ts';
import { camelCase } from '../core/camel-case.ts';
import { PermanentError } from '../core/errors.ts';
import { unlessNotKnown } from '../profile/not-known.ts';
import { unlessBadLink } from './bad-link.ts';
import { type Hold, outcomeOf } from './block-outcome.ts';
import type { Block, BlockOutcome } from './blocks/block.ts';
import { builtIn, type Policy } from './policy.ts';
import { couponLeft } from './rules/coupon-left.ts';
import { messageWaits, partIsLeftOut } from './rules/not-known-now.ts';
import { ask, type MemberFacts } from './rules/rule.ts';
import { tierNotEligible } from './rules/tier-not-eligible.ts';

type Outcome =
  | { readonly kind: 'send'; readonly reason: 'allowed' }
  | Pick<Extract<Decision, { kind: 'suppress' }>, 'kind' | 'reason' | 'rule'>
  | Pick<Extract<Decision, { kind: 'hold' }>, 'kind' | 'reason' | 'rule' | 'until'>;

/** A decision without its basis, and the views of the blocks that are shown, by camel-case name. */
export type Decided = {
  readonly outcome: Outcome;
  readonly steps: readonly Step[];
  readonly blocks: readonly BlockDecision[];
  readonly offers: readonly OfferDecision[];
  readonly views: Readonly<Record<string, unknown>>;
  /** Offers the mail shows with a code of their pool. */
  readonly coupons: readonly string[];
};

/** Asks every rule in its order: the message, then its offers, then its blocks. Pure. */
export function decide(facts: Facts, policy: Policy = builtIn): Decided {
  const { blockRules } = policy;
  const { steps, objection } = ask(policy.messageRules, facts, messageWaits(facts));
  if (objection) return stopped(objection, steps);

  const placed = facts.template.blocks.map((name) => {
    const block = policy.blocks.get(name);
    if (!block)
      throw new PermanentError(
        'unknown-block',
        `template "${facts.template.name}" places an unknown block "${name}"`,
      );
    return block;
  });
  // Offers nobody may be shown are not looked at: neither her habits nor the reasons would be anyone's business.
  const asked = placed.some(
    (block) =>
      block.decidesOffers && !ask(blockRules, { block, facts }, partIsLeftOut(facts)).objection,
  );
  const { decisions, ranked, upcoming, withoutCoupon } = asked
    ? decideOffers(facts, policy)
    : noOffers;

  const withOffers = { ...facts, offers: ranked, upcoming, withoutCoupon };
  const views: Record<string, unknown> = {};
  const blockDecisions: BlockDecision[] = [];
  const coupons = new Set<string>();
  for (const block of placed) {
    const decided = decideBlock(block, withOffers, policy);
    // Without facts that are young enough the mail as a whole is to wait.
    if ('outcome' in decided) return stopped(decided, [...steps, decided]);
    const { decision, view } = decided;
    for (const offerId of decided.coupons ?? []) coupons.add(offerId);
    if (decision.kind === 'show') views[camelCase(block.name)] = view;
    blockDecisions.push(decision);
  }

  const lacking = lackingStep(blockDecisions, facts);
  return {
    outcome: lacking
      ? { kind: 'suppress', reason: lacking.reason, rule: lacking.rule }
      : { kind: 'send', reason: 'allowed' },
    steps: lacking ? [...steps, lacking] : steps,
    blocks: blockDecisions,
    offers: decisions,
    views,
    coupons: [...coupons],
  };
}

/** Why a block the mail can't do without is hidden: then that is why the mail isn't sent. */
function lackingStep(
  decisions: readonly BlockDecision[],
  { template }: Facts,
): Extract<Step, { outcome: 'hide' | 'suppress' }> | undefined {
  const lacking = decisions.find(
    ({ kind, block }) => kind === 'hide' && template.needs?.includes(block),
  );
  const step = lacking?.steps.findLast(({ outcome }) => outcome === 'hide');
  return step?.outcome === 'hide' ? { ...step, outcome: 'suppress' } : undefined;
}

function stopped(objection: Exclude<Step, { outcome: 'pass' }>, steps: readonly Step[]): Decided {
  const { reason, rule } = objection;
  const outcome: Outcome =
    objection.outcome === 'hold'
      ? { kind: 'hold', reason, rule, until: objection.until }
      : { kind: 'suppress', reason, rule };
  return { outcome, steps, blocks: [], offers: [], views: {}, coupons: [] };
}

type Shown = {
  readonly decision: BlockDecision;
  readonly view?: unknown;
  readonly coupons?: readonly string[] | undefined;
};

function decideBlock(block: Block, facts: Facts, { blockRules }: Policy): Shown | Hold {
  const { steps, objection } = ask(blockRules, { block, facts }, partIsLeftOut(facts));
  const base = { block: block.name, content: block.content };
  if (objection)
    return {
      decision: { ...base, kind: 'hide', reason: objection.reason, rule: objection.rule, steps },
    };
  const outcome = unlessBadLink(outcomeOf(block, facts));
  if ('outcome' in outcome) return outcome;
  const all = [...steps, blockStep(block, outcome)];
  if (outcome.kind === 'hide') {
    return {
      decision: { ...base, kind: 'hide', reason: outcome.reason, rule: block.name, steps: all },
    };
  }
  const { view, coupons } = outcome;
  return { decision: { ...base, kind: 'show', steps: all }, view, coupons };
}

function blockStep({ name, version }: Block, outcome: BlockOutcome): Step {
  if (outcome.kind === 'hide') {
    const { kind, ...rest } = outcome;
    return { rule: name, version, outcome: kind, ...rest };
  }
  const { actual, needed } = outcome;
  return {
    rule: name,
    version,
    outcome: 'pass',
    ...(actual !== undefined && { actual }),
    ...(needed !== undefined && { needed }),
  };
}

type DecidedOffers = {
  readonly decisions: readonly OfferDecision[];
  readonly ranked: readonly RankedOffer[];
  /** What only its tiers keep from her. */
  readonly upcoming: readonly RankedOffer[];
  readonly withoutCoupon: readonly string[];
};

const noOffers: DecidedOffers = { decisions: [], ranked: [], upcoming: [], withoutCoupon: [] };

function decideOffers(facts: Facts, { offerRules }: Policy): DecidedOffers {
  const { profile, template, data } = facts;
  if (!profile) return noOffers;
  const only = template.offerId?.(data);
  const member: MemberFacts = { ...facts, profile };
  const unknown = partIsLeftOut(facts);
  const looked =
    only === undefined
      ? facts.catalogue.offers
      : facts.catalogue.offers.filter(({ offerId }) => offerId === only);
  const judged = looked.map((offer) => {
    const { affinity, because, category } = unlessNotKnown(
      () => affinityOf(offer, member),
      (field) => ({
        affinity: 0,
        because: `ranked by priority: ${field} is not known now`,
        category: null,
      }),
    );
    const { steps, objection } = ask(offerRules, { offer, facts: member }, unknown);
    return { offer, affinity, because, category, steps, objection };
  });
  const passed = judged.filter(({ objection }) => objection === null).toSorted(nearestFirst);
  const { maxOffers } = facts.brand.programme;
  const rank = new Map(passed.map(({ offer }, index) => [offer.offerId, index + 1]));
  const decisions = judged.map(({ offer, affinity, because, steps, objection }): OfferDecision => {
    const place = rank.get(offer.offerId) ?? null;
    const { offerId } = offer;
    // Written out: spreading a base into fifty of them takes longer than half the rules.
    if (objection) {
      const { reason, rule } = objection;
      return { offerId, affinity, because, steps, rank: null, kind: 'hide', reason, rule };
    }
    return place !== null && place > maxOffers
      ? {
          offerId,
          affinity,
          because,
          steps,
          rank: place,
          kind: 'hide',
          reason: 'below-the-first',
          rule: 'ranking',
        }
      : { offerId, affinity, because, steps, rank: place, kind: 'show' };
  });
  const upcoming = facts.template.blocks.includes('upcoming-deals')
    ? judged.filter(
        ({ objection, offer }) =>
          objection?.rule === tierNotEligible.name &&
          !ask(besideTiers(offerRules), { offer, facts: member }, unknown).objection,
      )
    : [];
  return {
    decisions,
    ranked: passed.slice(0, maxOffers).map(rankedOffer),
    upcoming: upcoming.toSorted(nearestFirst).slice(0, maxOffers).map(rankedOffer),
    withoutCoupon: judged
      .filter(({ objection }) => objection?.rule === couponLeft.name)
      .map(({ offer }) => offer.offerId),
  };
}

const besideTiers = (rules: Policy['offerRules']) =>
  rules.filter(({ name }) => name !== tierNotEligible.name);

const nearestFirst = (a: RankedOffer, b: RankedOffer) =>
  b.affinity - a.affinity ||
  b.offer.priority - a.offer.priority ||
  (a.offer.offerId < b.offer.offerId ? -1 : 1);

const rankedOffer = ({ offer, affinity, because, category }: RankedOffer): RankedOffer => ({
  offer,
  affinity,
  because,
  category,
});

/** How near an offer is to what she buys: the best affinity among its categories. Not used against her will. */
function affinityOf(offer: Offer, { profile, catalogue }: MemberFacts): Omit<RankedOffer, 'offer'> {
  if (profile.consents.profiling?.granted === false)
    return { affinity: 0, because: 'ranked by priority: profiling was declined', category: null };
  let affinity = 0;
  let category: string | null = null;
  const { affinities } = profile;
  for (const one of offer.categories) {
    const its = affinities[one] ?? 0;
    if (its > affinity) [affinity, category] = [its, one];
  }
  for (const id of offer.productIds) {
    const one = catalogue.products.get(id)?.category;
    const its = one === undefined ? 0 : (affinities[one] ?? 0);
    if (one !== undefined && its > affinity) [affinity, category] = [its, one];
  }
  const because =
    category === null ? 'no affinity with its categories' : `affinity ${affinity} with ${category}`;
  return { affinity, because, category };
}
