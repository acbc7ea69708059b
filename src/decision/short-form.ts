import type { BlockDecision, Decision, OfferDecision, Step } from '../contract/decision.ts';
import type { Reason } from '../contract/reasons.ts';
import { type Head, type RuleSet, ruleSet } from './rule-set.ts';
import { expandSteps, type Latest, shortenSteps, type Token } from './short-steps.ts';

/*
 * A decision is stored in two parts: what identifies it, which Postgres can be asked for, and the rest as a short text.
 *
 *   { kind, reason, rule, until, basis }      [said, steps, blocks, offers]
 *
 * The text leaves out what its reader knows: rules and versions are the rule set's, in their order, and what follows from the
 * steps isn't said again. What fits nowhere stands there as it is, so that `expand` gives back all of every decision.
 */

type Outcome<Whole> = Whole extends Decision
  ? Omit<Whole, 'steps' | 'blocks' | 'offers' | 'basis'>
  : never;
type Identified = Outcome<Decision> & { readonly basis: Omit<Decision['basis'], 'said'> };

export type ShortDecision = {
  /** What identifies it: kind, reason and what it was made from. */
  readonly decision: Identified;
  readonly rest: Rest;
};

/** A place in the rule set's list of blocks. */
type ShortBlock = readonly [at: number, end: End, steps: readonly Token[]] | BlockDecision;
type ShortOffer = readonly [
  offerId: string,
  affinity: number,
  /** 0: as the last one with this affinity. */
  because: string | 0,
  rank: number | null,
  end: End,
  steps: readonly Token[],
];
/** Shown; hidden for what its last step objects to; for what else the last such one was; for what else. */
type End = 0 | 1 | 2 | Otherwise;
type Otherwise = readonly [reason: Reason, rule: string];
export type Rest = readonly [
  said: NonNullable<Decision['basis']['said']> | null,
  steps: readonly Token[],
  blocks: readonly ShortBlock[],
  offers: readonly ShortOffer[],
];

/** The parts of a decision of this release. Pure. */
export function shorten({ steps, blocks, offers, basis, ...outcome }: Decision): ShortDecision {
  const { said, ...madeFrom } = basis;
  const before = nothingYet();
  const rest: Rest = [
    said ?? null,
    shortenSteps(steps, ruleSet.message, before.steps),
    blocks.map((block): ShortBlock => {
      const at = ruleSet.blocks.findIndex(([name]) => name === block.block);
      if (ruleSet.blocks[at]?.[2] !== block.content) return block;
      return [
        at,
        endOf(block, before),
        shortenSteps(block.steps, sequenceOf(ruleSet, at), before.steps),
      ];
    }),
    offers.map((offer): ShortOffer => {
      const { offerId, affinity, because, rank } = offer;
      const told = before.because.get(affinity) === because ? 0 : because;
      before.because.set(affinity, because);
      const tokens = shortenSteps(offer.steps, ruleSet.offer, before.steps);
      return [offerId, affinity, told, rank, endOf(offer, before), tokens];
    }),
  ];
  return { decision: { ...outcome, basis: madeFrom }, rest };
}

/** The whole decision again, as JSON has it: instants are texts. */
export function expand({ decision, rest }: ShortDecision, set: RuleSet): Decision {
  const { basis, ...outcome } = decision;
  const [said, steps, blocks, offers] = rest;
  const before = nothingYet();
  return {
    ...outcome,
    steps: expandSteps(steps, set.message, before.steps),
    blocks: blocks.map((block) => {
      if ('block' in block) return block;
      const [at, end, tokens] = block;
      const [name, , content] = blockAt(set, at);
      const all = expandSteps(tokens, sequenceOf(set, at), before.steps);
      return { block: name, content, steps: all, ...endingOf(end, all, before) };
    }),
    offers: offers.map(([offerId, affinity, told, rank, end, tokens]) => {
      const because = told === 0 ? (before.because.get(affinity) ?? '') : told;
      before.because.set(affinity, because);
      const all = expandSteps(tokens, set.offer, before.steps);
      return { offerId, affinity, because, rank, steps: all, ...endingOf(end, all, before) };
    }),
    basis: said === null ? basis : { ...basis, said },
  };
}

function blockAt({ blocks }: RuleSet, at: number): RuleSet['blocks'][number] {
  const found = blocks[at];
  return found ?? broken(`has block ${at} of another rule set`);
}

function broken(how: string): never {
  throw new Error(`the short form of a decision ${how}`);
}

/** Where in the rule set a block's steps go on: after the rules for all blocks comes the block itself. */
function sequenceOf({ block, blocks }: RuleSet, at: number): readonly Head[] {
  const own = blocks[at];
  return own ? [...block, [own[0], own[1]]] : block;
}

/** What was said last, while a decision is written or read from its beginning. */
type Before = {
  readonly steps: Latest;
  /** By affinity. */
  readonly because: Map<number, string>;
  otherwise: Otherwise | null;
};
const nothingYet = (): Before => ({ steps: new Map(), because: new Map(), otherwise: null });

function endOf(part: BlockDecision | OfferDecision, before: Before): End {
  if (part.kind === 'show') return 0;
  const { reason, rule, steps } = part;
  const objection = objectionOf(steps);
  if (objection?.reason === reason && objection.rule === rule) return 1;
  const [lastReason, lastRule] = before.otherwise ?? [];
  if (lastReason === reason && lastRule === rule) return 2;
  before.otherwise = [reason, rule];
  return before.otherwise;
}

type Ending =
  | { readonly kind: 'show' }
  | { readonly kind: 'hide'; readonly reason: Reason; readonly rule: string };

function endingOf(end: End, steps: readonly Step[], before: Before): Ending {
  if (end === 0) return { kind: 'show' };
  if (typeof end === 'object') before.otherwise = end;
  const objection = end === 1 ? objectionOf(steps) : undefined;
  const [reason, rule] = objection
    ? [objection.reason, objection.rule]
    : (before.otherwise ?? broken('hides something for no reason'));
  return { kind: 'hide', reason, rule };
}

function objectionOf(steps: readonly Step[]): Exclude<Step, { outcome: 'pass' }> | undefined {
  const step = steps.at(-1);
  return step && step.outcome !== 'pass' ? step : undefined;
}
