import type { Block } from './blocks/block.ts';
import { blocks } from './blocks/index.ts';
import { blockRules, messageRules, offerRules } from './rules/index.ts';
import type { BlockRule, MessageRule, OfferRule } from './rules/rule.ts';

/** What decides: rules in their order, and the blocks there are. */
export type Policy = {
  readonly messageRules: readonly MessageRule[];
  readonly blockRules: readonly BlockRule[];
  readonly offerRules: readonly OfferRule[];
  readonly blocks: ReadonlyMap<string, Block>;
};

/** Laurel's own. */
export const builtIn: Policy = {
  messageRules,
  blockRules,
  offerRules,
  blocks: new Map(blocks.map((block): [string, Block] => [block.name, block])),
};

/** Where a rule of a project's own stands: the first objection is the one that is recorded. Left out: after all others. */
type Place =
  | { readonly before: string; readonly after?: never }
  | { readonly after: string; readonly before?: never }
  | { readonly before?: never; readonly after?: never };

/** A rule of a project's own, about messages, blocks or offers. */
export type OwnRule = Place &
  (
    | ({ readonly about: 'message' } & MessageRule)
    | ({ readonly about: 'block' } & BlockRule)
    | ({ readonly about: 'offer' } & OfferRule)
  );

/** A rule file's one export. Its reasons begin with `own-`; `says` is the sentence that people read. */
export const defineRule = <const Rule extends OwnRule>(rule: Rule): Rule => rule;

/** What of a project's rules and blocks doesn't go with the others, by its place in the configuration. */
export type Misplaced = { readonly path: readonly (string | number)[]; readonly message: string };

/** Laurel's policy with a project's own rules, each in its place, and blocks. */
export function policyWith(
  rules: readonly OwnRule[],
  own: readonly Block[],
): { readonly policy: Policy; readonly problems: readonly Misplaced[] } {
  const problems: Misplaced[] = [];
  const numbered = rules.map((rule, index) => ({ rule, index }));
  /** Puts each into the order that those before it have made. */
  const place = <Rule extends { readonly name: string }>(
    all: readonly Rule[],
    added: readonly { readonly rule: Rule & Place; readonly index: number }[],
  ): Rule[] => {
    const order = [...all];
    for (const { rule, index } of added) {
      const names = order.map(({ name }) => name);
      const side = rule.before === undefined ? 'after' : 'before';
      const beside = rule.before ?? rule.after ?? names.at(-1) ?? '';
      const at = names.indexOf(beside);
      const known = names.join(', ');
      if (names.includes(rule.name))
        problems.push({
          path: ['rules', index],
          message: `there is a rule "${rule.name}" already`,
        });
      else if (at === -1)
        problems.push({
          path: ['rules', index],
          message: `${rule.name} stands ${side} "${beside}", which is no rule about the same; there are ${known}`,
        });
      else order.splice(side === 'before' ? at : at + 1, 0, rule);
    }
    return order;
  };
  const blocksByName = new Map(builtIn.blocks);
  for (const [index, block] of own.entries()) {
    if (blocksByName.has(block.name))
      problems.push({
        path: ['blocks', index],
        message: `there is a block "${block.name}" already`,
      });
    blocksByName.set(block.name, block);
  }
  const policy = {
    messageRules: place(
      messageRules,
      numbered.flatMap(({ rule, index }) => (rule.about === 'message' ? [{ rule, index }] : [])),
    ),
    blockRules: place(
      blockRules,
      numbered.flatMap(({ rule, index }) => (rule.about === 'block' ? [{ rule, index }] : [])),
    ),
    offerRules: place(
      offerRules,
      numbered.flatMap(({ rule, index }) => (rule.about === 'offer' ? [{ rule, index }] : [])),
    ),
    blocks: blocksByName,
  };
  return { policy, problems };
}
