import type { Decision } from '../contract/decision.ts';
import { type RuleSet, ruleSet, ruleSetId, ruleSetIdLength } from '../decision/rule-set.ts';
import { expand, type StoredDecision } from '../decision/short-form.ts';
import type { Db } from '../postgres/pool.ts';

/** What a row of `messages` keeps of its decision, by its columns; `ruleSet` is the one it was written by. */
export type DecisionColumns = {
  readonly decision: StoredDecision['decision'] | Decision | null;
  readonly decided: string | null;
  readonly ruleSet: RuleSet | null;
};

/** The columns of `DecisionColumns`, to be selected of `messages` or what has its columns. */
export const decisionColumns = `decision, decided,
  (select s.rules from laurel.rule_sets s where s.id = left(decided, ${ruleSetIdLength})) as "ruleSet"`;

/** The whole decision, as it was made; null where none is kept. Earlier releases stored it whole. */
export function decisionOf({ decision, decided, ruleSet: set }: DecisionColumns): Decision | null {
  if (decision === null || 'steps' in decision) return decision;
  // Of this release: also where nothing but this read has been done by it yet.
  const writtenBy = decided?.startsWith(ruleSetId) ? ruleSet : set;
  if (decided === null || writtenBy === null)
    throw new Error('a decision is stored in short form and what it was written by is missing');
  return expand({ decision, decided }, writtenBy);
}

/** Keeps the rules of this release, for whoever reads what is decided by them. Before anything is. */
export async function keepRuleSet(db: Db): Promise<void> {
  await db.query('insert into rule_sets (id, rules) values ($1, $2) on conflict do nothing', [
    ruleSetId,
    JSON.stringify(ruleSet),
  ]);
}
