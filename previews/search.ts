import type { Offer } from '../src/brand/catalogue.ts';
import type { Decision, Step } from '../src/contract/decision.ts';
import { InvalidInput } from '../src/core/errors.ts';
import { keptValues } from '../src/core/memo.ts';
import { once } from '../src/core/once.ts';
import { type Board, movesFor } from './moves.ts';
import type { Move } from './protocol.ts';
import { previewDecision } from './render.ts';
import type { Scene, Situation, Staged } from './scene.ts';
import { decidingStep } from './words.ts';

/** What is to be turned: `message`, `block:status`, `offer:free-mug`. */
export type Goal = string;

/** What makes something appear: all changes together, or what stands against it whatever is changed. */
export type Found =
  | {
      readonly kind: 'found';
      readonly move: Move;
      readonly staged: Staged;
      readonly decision: Decision;
    }
  | { readonly kind: 'none'; readonly against: Exclude<Step, { outcome: 'pass' }> | null };

/** Decisions that are made at most for one question, and changes proposed at most. */
const mostTried = 60;
const mostMoves = 5;
/** Of what could bring some offer, no more is looked at. */
const mostBranches = 24;

/**
 * The smallest set of changes that turns it, with every rule and the ranking satisfied: searched breadth first over what
 * the rules themselves say would turn them.
 */
export async function search(scene: Scene, goal: Goal, from: Situation): Promise<Found> {
  let against: Exclude<Step, { outcome: 'pass' }> | null = null;
  const queue: { readonly move: Move; readonly depth: number }[] = [{ move: {}, depth: 0 }];
  const known = new Set<string>();
  for (let tried = 0; tried < mostTried; tried += 1) {
    const next = queue.shift();
    if (!next) break;
    const looked = await lookedAt(scene, from, next.move);
    if (!looked) continue;
    const { staged, decision } = looked;
    const step = standsAgainst(decision, goal);
    if (!step) {
      const move = await withoutNeedless(scene, goal, from, next.move);
      const found = (await lookedAt(scene, from, move)) ?? looked;
      return { kind: 'found', move, ...found };
    }
    if (step === 'absent') continue;
    const moves = movesFrom(scene, staged, decision, goal, step).slice(0, mostBranches);
    // What nothing turns is why; not what merely stood before it.
    if (moves.length === 0 || !against) against = step;
    if (next.depth === mostMoves) continue;
    for (const move of moves) {
      const both = together(next.move, move);
      const key = JSON.stringify(both);
      if (known.has(key)) continue;
      known.add(key);
      queue.push({ move: both, depth: next.depth + 1 });
    }
  }
  return { kind: 'none', against };
}

/** What stands against it first; null where nothing does, `absent` where the decision doesn't speak of it. */
function standsAgainst(
  decision: Decision,
  goal: Goal,
): Exclude<Step, { outcome: 'pass' }> | 'absent' | null {
  if (decision.kind !== 'send') return objected(decision.steps) ?? 'absent';
  if (goal === 'message') return null;
  const [about, id] = goal.split(/:(.*)/s);
  if (about === 'block') {
    const block = decision.blocks.find((one) => one.block === id);
    return block ? (block.kind === 'show' ? null : (objected(block.steps) ?? 'absent')) : 'absent';
  }
  const offer = decision.offers.find(({ offerId }) => offerId === id);
  if (!offer) {
    // Nobody's offers are looked at as long as the block that shows them may not be.
    const block = decision.blocks.find(
      (one) => one.kind === 'hide' && one.content === 'promotional',
    );
    return (block && objected(block.steps)) ?? 'absent';
  }
  if (offer.kind === 'show') return null;
  return objected(offer.steps) ?? belowTheFirst;
}

/** Ranking is no rule and leaves no step. */
const belowTheFirst = {
  rule: 'ranking',
  version: 1,
  outcome: 'hide',
  reason: 'below-the-first',
  actual: null,
  needed: null,
} as const;

function objected(steps: readonly Step[]): Exclude<Step, { outcome: 'pass' }> | undefined {
  const step = decidingStep(steps);
  return step && step.outcome !== 'pass' ? step : undefined;
}

function movesFrom(
  scene: Scene,
  staged: Staged,
  decision: Decision,
  goal: Goal,
  step: Exclude<Step, { outcome: 'pass' }>,
): readonly Move[] {
  const { catalogue } = scene.fixtures;
  const parsed = scene.definition.schema.safeParse(staged.data);
  const only = parsed.success ? scene.definition.offerId?.(parsed.data) : undefined;
  const board: Board = {
    brand: scene.brand,
    catalogue,
    decision,
    profile: staged.profile,
    now: staged.input.context.now,
    bonusId: parsed.success ? scene.definition.bonusId?.(parsed.data) : undefined,
    rewardId: parsed.success ? scene.definition.rewardId?.(parsed.data) : undefined,
    samples: scene.samples.flatMap(({ id }) => (id === scene.sample.id ? [] : [id])),
  };
  const offers = new Map(catalogue.offers.map((offer) => [offer.offerId, offer]));
  const offerId = goal.startsWith('offer:') ? goal.slice('offer:'.length) : only;
  const direct = movesFor(step, board, offerId === undefined ? undefined : offers.get(offerId));
  if (step.reason !== 'nothing-to-show') return direct;
  // A block of offers, without any: each offer's own objection is one to turn.
  return [...direct, ...decision.offers.flatMap((one) => offerMoves(one, board, offers))];
}

function offerMoves(
  { offerId, kind, steps }: Decision['offers'][number],
  board: Board,
  offers: ReadonlyMap<string, Offer>,
): readonly Move[] {
  const step = kind === 'hide' ? objected(steps) : undefined;
  return step ? movesFor(step, board, offers.get(offerId)) : [];
}

type Looked = { readonly staged: Staged; readonly decision: Decision };

/** Decisions of a scene by what was changed: what one card asks, another asks too. */
const decisionsOf = once((_scene: Scene) => keptValues<Looked | null>());

/** Null where what is to be changed isn't there: on another day, a member's lists are others. */
function lookedAt(scene: Scene, from: Situation, move: Move): Promise<Looked | null> {
  const situation = situationAfter(from, move);
  return decisionsOf(scene).get(JSON.stringify(situation), () => decided(scene, situation));
}

async function decided(scene: Scene, situation: Situation): Promise<Looked | null> {
  try {
    const staged = await scene.stage(situation);
    return { staged, decision: previewDecision(staged.input) };
  } catch (error) {
    if (error instanceof InvalidInput) return null;
    throw error;
  }
}

/** The same without a change that wasn't needed after all. */
async function withoutNeedless(
  scene: Scene,
  goal: Goal,
  from: Situation,
  move: Move,
): Promise<Move> {
  if (changeCount(move) < 2) return move;
  for (const less of smallerThan(move)) {
    const looked = await lookedAt(scene, from, less);
    if (looked && standsAgainst(looked.decision, goal) === null)
      return withoutNeedless(scene, goal, from, less);
  }
  return move;
}

function smallerThan({ set = {}, ...others }: Move): readonly Move[] {
  const groups = [...new Set(Object.keys(set).map(groupOf))];
  return [
    ...groups.map((group) => ({
      ...others,
      set: Object.fromEntries(Object.entries(set).filter(([path]) => groupOf(path) !== group)),
    })),
    ...Object.keys(others).map((name) => ({
      set,
      ...Object.fromEntries(Object.entries(others).filter(([key]) => key !== name)),
    })),
  ];
}

/** What only makes sense together, such as a purchase and its date, is one change. */
export const groupOf = (path: string): string =>
  /^(?:channels|bought\w+|bonuses|interests)\.[^.]+/.exec(path)?.[0] ?? path;

export const changeCount = ({ set = {}, ...others }: Move): number =>
  new Set(Object.keys(set).map(groupOf)).size +
  Object.values(others).filter((value) => value !== undefined).length;

const together = (one: Move, other: Move): Move => ({
  ...one,
  ...other,
  ...((one.set ?? other.set) && { set: { ...one.set, ...other.set } }),
});

/** The situation with these changes made. */
const situationAfter = (from: Situation, move: Move): Situation => ({
  ...from,
  set: { ...from.set, ...move.set },
  ...(move.at !== undefined && { at: new Date(move.at) }),
  ...(move.cancelled !== undefined && { cancelled: move.cancelled }),
  ...(move.sample !== undefined && { sample: move.sample, data: {} }),
});

/** Whether this decision sends it, or shows it. */
export const isMet = (decision: Decision, goal: Goal): boolean =>
  standsAgainst(decision, goal) === null;
