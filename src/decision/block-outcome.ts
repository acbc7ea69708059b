import type { Step } from '../contract/decision.ts';
import type { Facts } from '../contract/facts.ts';
import { unlessNotKnown } from '../profile/not-known.ts';
import type { Block, BlockOutcome } from './blocks/block.ts';
import { notKnown } from './rules/not-known-now.ts';

const againMs = 60_000;

export type Hold = Extract<Step, { outcome: 'hold' }>;

/**
 * Asks a block for its view. Where its facts come from several profile sources, first whether they are young enough, by
 * the template's word or the block's own; a block that reads what isn't known stays out. Pure.
 */
export function outcomeOf(block: Block, facts: Facts): BlockOutcome | Hold {
  if (!facts.reading.composed) return block.decide(facts);
  return unlessNotKnown<BlockOutcome | Hold>(
    () => ageChecked(block, facts),
    (field) => ({ kind: 'hide', reason: 'not-known-now', ...notKnown(facts, field) }),
  );
}

function ageChecked(block: Block, facts: Facts): BlockOutcome | Hold {
  const asOf = shownAsOf(block, facts);
  const freshness = facts.template.freshness?.[block.name] ?? block.freshness;
  if (!asOf || !freshness) return block.decide(facts);
  const old = facts.now.getTime() - asOf.getTime() > freshness.maxAgeMs;
  if (!old || freshness.older === 'dated')
    return block.decide({ ...facts, age: { asOf, dated: old } });
  const finding = {
    actual: { asOf: asOf.toISOString() },
    needed: `facts of the last ${Math.round(freshness.maxAgeMs / 1000)} seconds`,
    flip: { text: 'The profile source tells newer ones.' },
  };
  if (freshness.older === 'omit') return { kind: 'hide', reason: 'too-old', ...finding };
  const { name: rule, version } = block;
  const until = new Date(facts.now.getTime() + againMs);
  return { rule, version, outcome: 'hold', reason: 'too-old', until, ...finding };
}

/** The instant since which what a block shows may have changed; null where all of it is true as of now. */
function shownAsOf({ freshness }: Block, { reading }: Facts): Date | null {
  const times = (freshness?.shows ?? []).flatMap((field) =>
    Date.parse(reading.composed?.fields.get(field)?.asOf ?? ''),
  );
  const known = times.filter((time) => !Number.isNaN(time));
  return known.length === 0 ? null : new Date(Math.min(...known));
}
