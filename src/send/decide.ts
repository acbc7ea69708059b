import type { Block, BlockOutcome } from '../blocks/block.ts';
import { blocks as blockRegistry } from '../blocks/index.ts';
import type { Offer } from '../core/catalogue.ts';
import type { BlockDecision, Decision, OfferDecision, Step } from '../core/decision.ts';
import { PermanentError } from '../core/errors.ts';
import type { Facts, RankedOffer } from '../core/facts.ts';
import { blockRules, messageRules, offerRules } from '../rules/index.ts';
import { ask, type MemberFacts } from '../rules/rule.ts';

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
};

const byName = new Map(blockRegistry.map((block) => [block.name, block]));

/** Asks every rule in its order: the message, then its offers, then its blocks. Pure. */
export function decide(facts: Facts): Decided {
  const { steps, objection } = ask(messageRules, facts);
  if (objection) {
    const outcome: Outcome =
      objection.outcome === 'hold'
        ? { kind: 'hold', reason: objection.reason, rule: objection.rule, until: objection.until }
        : { kind: 'suppress', reason: objection.reason, rule: objection.rule };
    return { outcome, steps, blocks: [], offers: [], views: {} };
  }

  const placed = facts.template.blocks.map((name) => {
    const block = byName.get(name);
    if (!block)
      throw new PermanentError(
        'unknown-block',
        `template "${facts.template.name}" places an unknown block "${name}"`,
      );
    return block;
  });
  // Offers nobody may be shown are not looked at: neither her habits nor the reasons would be anyone's business.
  const offersBlock = placed.find(({ name }) => name === 'offers');
  const { decisions: offerDecisions, ranked } =
    offersBlock && !ask(blockRules, { block: offersBlock, facts }).objection
      ? decideOffers(facts)
      : { decisions: [], ranked: [] };

  const withOffers = { ...facts, offers: ranked };
  const views: Record<string, unknown> = {};
  const blockDecisions = placed.map((block): BlockDecision => {
    const { decision, view } = decideBlock(block, withOffers);
    if (decision.kind === 'show') views[camelCase(block.name)] = view;
    return decision;
  });

  return {
    outcome: { kind: 'send', reason: 'allowed' },
    steps,
    blocks: blockDecisions,
    offers: offerDecisions,
    views,
  };
}

function decideBlock(block: Block, facts: Facts): { decision: BlockDecision; view?: unknown } {
  const { steps, objection } = ask(blockRules, { block, facts });
  const base = { block: block.name, content: block.content };
  if (objection)
    return {
      decision: { ...base, kind: 'hide', reason: objection.reason, rule: objection.rule, steps },
    };
  const outcome = block.view(facts);
  const all = [...steps, blockStep(block, outcome)];
  if (outcome.kind === 'hide') {
    return {
      decision: { ...base, kind: 'hide', reason: outcome.reason, rule: block.name, steps: all },
    };
  }
  return { decision: { ...base, kind: 'show', steps: all }, view: outcome.view };
}

function blockStep({ name, version }: Block, outcome: BlockOutcome<unknown>): Step {
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

function decideOffers(facts: Facts): { decisions: OfferDecision[]; ranked: RankedOffer[] } {
  const { profile } = facts;
  if (!profile) return { decisions: [], ranked: [] };
  const member: MemberFacts = { ...facts, profile };
  const judged = facts.catalogue.offers.map((offer) => {
    const { affinity, because } = affinityOf(offer, member);
    const { steps, objection } = ask(offerRules, { offer, facts: member });
    return { offer, affinity, because, steps, objection };
  });
  const passed = judged
    .filter(({ objection }) => objection === null)
    .toSorted(
      (a, b) =>
        b.affinity - a.affinity ||
        b.offer.priority - a.offer.priority ||
        (a.offer.offerId < b.offer.offerId ? -1 : 1),
    );
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
  const ranked = passed
    .slice(0, maxOffers)
    .map(({ offer, affinity, because }) => ({ offer, affinity, because }));
  return { decisions, ranked };
}

/** How near an offer is to what she buys: the best affinity among its categories. Not used against her will. */
function affinityOf(
  offer: Offer,
  { profile, catalogue }: MemberFacts,
): { affinity: number; because: string } {
  if (profile.consents.profiling?.granted === false)
    return { affinity: 0, because: 'ranked by priority: profiling was declined' };
  let best = 0;
  let nearest: string | undefined;
  const consider = (category: string | undefined) => {
    const affinity = category === undefined ? 0 : (profile.affinities[category] ?? 0);
    if (affinity <= best) return;
    best = affinity;
    nearest = category;
  };
  for (const category of offer.categories) consider(category);
  for (const id of offer.productIds) consider(catalogue.products.get(id)?.category);
  const because =
    nearest === undefined ? 'no affinity with its categories' : `affinity ${best} with ${nearest}`;
  return { affinity: best, because };
}

const camelCase = (name: string) =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
