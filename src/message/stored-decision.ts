import { createHash } from 'node:crypto';

import type { Decision } from '../contract/decision.ts';
import { type RuleSet, ruleSet } from '../decision/rule-set.ts';
import { expand, type Rest, type ShortDecision, shorten } from '../decision/short-form.ts';
import type { Db } from '../postgres/pool.ts';
import { column, defineTable, insertRow } from '../postgres/table.ts';

/** @public for the comparison with the table itself */
export const ruleSets = defineTable('rule_sets', {
  id: column.text(),
  rules: column.jsonb<RuleSet>(),
});
const idLength = 12;
/** By what it says: two releases with the same rules have the same one. */
const ruleSetId = createHash('sha256')
  .update(JSON.stringify(ruleSet))
  .digest('hex')
  .slice(0, idLength);

/** A decision of this release, as it is recorded: `decided` becomes the rule set's id and the rest. */
export const storedForm = (decision: Decision): ShortDecision & { readonly ruleSet: string } => ({
  ...shorten(decision),
  ruleSet: ruleSetId,
});

/** What a row of `messages` keeps of its decision, by its columns; `ruleSet` is the one it was written by. */
export type DecisionColumns = {
  readonly decision: ShortDecision['decision'] | Decision | null;
  readonly decided: string | null;
  readonly ruleSet: RuleSet | null;
};

/** The columns of `DecisionColumns`, to be selected of `messages` or what has its columns. */
export const decisionColumns = `decision, decided,
  (select s.rules from laurel.rule_sets s where s.id = left(decided, ${idLength})) as "ruleSet"`;

/** The whole decision, as it was made; null where none is kept. Earlier releases stored it whole. */
export function decisionOf({ decision, decided, ruleSet: set }: DecisionColumns): Decision | null {
  if (decision === null || 'steps' in decision) return decision;
  // Of this release: also where nothing but this read has been done by it yet.
  const writtenBy = decided?.startsWith(ruleSetId) ? ruleSet : set;
  if (decided === null || writtenBy === null)
    throw new Error('a decision is stored in short form and what it was written by is missing');
  const rest: Rest = JSON.parse(decided.slice(idLength));
  return expand({ decision, rest }, writtenBy);
}

/** Keeps the rules of this release, for whoever reads what is decided by them. Before anything is. */
export async function keepRuleSet(db: Db): Promise<void> {
  await insertRow(db, ruleSets, { id: ruleSetId, rules: ruleSet }, 'on conflict do nothing');
}
