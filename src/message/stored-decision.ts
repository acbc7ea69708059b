import { createHash } from 'node:crypto';

import type { Decision } from '../contract/decision.ts';
import type { Message } from '../contract/message.ts';
import { keptValues } from '../core/memo.ts';
import { type RuleSet, ruleSet } from '../decision/rule-set.ts';
import { expand, type Rest, type ShortDecision, shorten } from '../decision/short-form.ts';
import type { Db } from '../postgres/pool.ts';
import { column, defineTable, insertRow, readRows } from '../postgres/table.ts';
import { unpacked } from './packing/dictionaries.ts';
import type { Packer } from './packing/packer.ts';

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

/** What a finished message was made from, and what was decided. */
export type Finished = {
  readonly message: Pick<Message, 'template' | 'brand' | 'to' | 'data'>;
  readonly decision: Decision;
};
/** The same as it is stored: beside it only what Postgres is asked for, see `basisOf`. */
type PackedForm = {
  readonly packedData: string;
  readonly packedDecision: string;
  /** Of a message made from the profile of whom it is to. */
  readonly ledgerVersion: number | null;
  /** Of any other. */
  readonly decision: { readonly basis: Partial<Decision['basis']> } | null;
};
/** All of the text of a packed decision. */
type PackedText = readonly [ShortDecision['decision'], ruleSet: string, Rest];

/** Messages that ended for good, packed, in their order; bytes as Postgres reads them. */
export async function packedForms(
  packer: Packer,
  all: readonly Finished[],
): Promise<readonly PackedForm[]> {
  const packed = await packer(
    all.flatMap(({ message: { template, brand, to, data }, decision: whole }) => {
      const of = to.memberId ?? to.email ?? '';
      const kind = `${brand}/${template}`;
      const { decision, rest } = shorten(whole);
      const text: PackedText = [decision, ruleSetId, rest];
      return [
        { kind: `data ${kind}`, of, text: JSON.stringify(data) },
        { kind: `decision ${kind}`, of, text: JSON.stringify(text) },
      ];
    }),
  );
  const bytes = packed.map((one) => `\\x${one.toString('hex')}`);
  return all.map(({ message: { to }, decision: { basis } }, at) => {
    const { profile, memberId = null, ledgerVersion } = basis;
    const own = profile === 'member' && memberId !== null && memberId === to.memberId;
    return {
      packedData: bytes[2 * at] ?? '',
      packedDecision: bytes[2 * at + 1] ?? '',
      ...(own && ledgerVersion !== null
        ? { ledgerVersion, decision: null }
        : { ledgerVersion: null, decision: { basis: { profile, memberId, ledgerVersion } } }),
    };
  });
}

/** SQL: what a message `m` was made from, whichever way its decision is stored; null where none is kept. */
export const basisOf = (m: string) => ({
  profile: `case when ${m}.ledger_version is null then ${m}.decision -> 'basis' ->> 'profile' else 'member' end`,
  memberId: `case when ${m}.ledger_version is null then ${m}.decision -> 'basis' ->> 'memberId' else ${m}.member_id end`,
  ledgerVersion: `coalesce(${m}.ledger_version, (${m}.decision -> 'basis' ->> 'ledgerVersion')::bigint)`,
});

/** What a row of `messages` keeps of its decision, by its columns. */
export type DecisionColumns = {
  readonly decision: ShortDecision['decision'] | Decision | null;
  readonly decided: string | null;
  readonly packedDecision: Buffer | null;
};

/** The columns of `DecisionColumns`, to be selected of `messages` or what has its columns. */
export const decisionColumns = 'decision, decided, packed_decision as "packedDecision"';

/** The whole decision of a row, as it was made; null where none is kept. Earlier releases stored it whole, and in short form. */
export async function decisionOf(
  db: Db,
  { decision, decided, packedDecision }: DecisionColumns,
): Promise<Decision | null> {
  if (packedDecision !== null) {
    const [short, writtenBy, rest]: PackedText = JSON.parse(await unpacked(db, packedDecision));
    return expand({ decision: short, rest }, await ruleSetOf(db, writtenBy));
  }
  if (decision === null || 'steps' in decision) return decision;
  if (decided === null) throw new Error('the rest of a decision in short form is missing');
  const rest: Rest = JSON.parse(decided.slice(idLength));
  return expand({ decision, rest }, await ruleSetOf(db, decided.slice(0, idLength)));
}

/** By their ids, which say what is in them, wherever they lie. */
const known = keptValues<RuleSet>(50);

const ruleSetOf = async (db: Db, id: string): Promise<RuleSet> =>
  // Of this release: also where nothing but this read has been done by it yet.
  id === ruleSetId ? ruleSet : known.get(id, () => readRuleSet(db, id));

async function readRuleSet(db: Db, id: string): Promise<RuleSet> {
  const [row] = await readRows(db, ruleSets, 'where id = $1', [id]);
  if (!row) throw new Error(`the rule set ${id} is missing, by which a decision was written`);
  return row.rules;
}

/** Keeps the rules of this release, for whoever reads what is decided by them. Before anything is. */
export async function keepRuleSet(db: Db): Promise<void> {
  await insertRow(db, ruleSets, { id: ruleSetId, rules: ruleSet }, 'on conflict do nothing');
}
