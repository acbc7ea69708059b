import type { BlockDecision } from '../contract/decision.ts';
import { blocks } from './blocks/index.ts';
import { blockRules, messageRules, offerRules } from './rules/index.ts';

/** A rule or block and its version. */
export type Head = readonly [name: string, version: number];

/**
 * Who is asked, in order: what a decision's short form counts along. A change of order, of a version or of a name is another
 * set; each that ever was is kept beside the decisions that were written by it.
 */
export type RuleSet = {
  readonly message: readonly Head[];
  readonly block: readonly Head[];
  readonly offer: readonly Head[];
  readonly blocks: readonly (readonly [
    name: string,
    version: number,
    content: BlockDecision['content'],
  ])[];
};

const headsOf = (rules: readonly { readonly name: string; readonly version: number }[]): Head[] =>
  rules.map(({ name, version }) => [name, version]);

/** The rules and blocks of this release. */
export const ruleSet: RuleSet = {
  message: headsOf(messageRules),
  block: headsOf(blockRules),
  offer: headsOf(offerRules),
  blocks: blocks.map(({ name, version, content }) => [name, version, content]),
};
