import { z } from 'zod';

import { dataProblems } from '../../contract/data-limits.ts';
import type { Fact } from '../../contract/fact-text.ts';
import type { Profile } from '../../contract/profile.ts';
import { InvalidInput } from '../../core/errors.ts';
import { problemsOf } from '../../core/problems.ts';
import { type KindName, kinds, type Test } from './kinds.ts';
import type { Sql } from './sql.ts';

/** All that stands in one object must hold; `any` and `not` say otherwise of what is in them. */
export type Condition = { readonly [Name in KindName]?: Test['needed'] | undefined } & {
  readonly all?: readonly Condition[] | undefined;
  readonly any?: readonly Condition[] | undefined;
  readonly not?: Condition | undefined;
};

const names = Object.keys(kinds).filter((name): name is KindName => name in kinds);

const some = z.lazy(() => z.array(Condition).min(1).max(100).readonly().optional());

export const Condition: z.ZodType<Condition> = z.lazy(() =>
  z
    .strictObject({
      ...Object.fromEntries(names.map((name) => [name, kinds[name].schema.optional()])),
      all: some,
      any: some,
      not: Condition.optional(),
    })
    .refine((one) => Object.keys(one).length > 0, 'needs a condition'),
);

/** Conditions as a tree that can be asked. */
type Node =
  | { readonly kind: 'test'; readonly name: KindName; readonly test: Test }
  | { readonly kind: 'all' | 'any'; readonly nodes: readonly Node[] }
  | { readonly kind: 'not'; readonly node: Node };

export type Conditions = Node;

/** So many conditions of one segment are looked at for every member. */
const most = 100;

/** @throws InvalidInput naming each condition that can't be */
export function parseCondition(given: unknown): Condition {
  const beyond = dataProblems(given, ['conditions']);
  if (beyond.length > 0) throw new InvalidInput(beyond);
  const parsed = Condition.safeParse(given, { reportInput: true });
  if (!parsed.success) throw new InvalidInput(problemsOf(parsed.error, ['conditions']));
  const count = testsIn(compile(parsed.data));
  if (count <= most) return parsed.data;
  throw new InvalidInput([
    { path: 'conditions', message: `are ${count}, and a segment has at most ${most}` },
  ]);
}

const testsIn = (node: Node): number => {
  if (node.kind === 'test') return 1;
  const nodes = node.kind === 'not' ? [node.node] : node.nodes;
  return nodes.reduce((sum, one) => sum + testsIn(one), 0);
};

export function compile({ all, any, not, ...asked }: Condition): Node {
  const nodes: Node[] = names.flatMap((name) =>
    asked[name] === undefined
      ? []
      : [{ kind: 'test', name, test: kinds[name].test(asked[name]) } as const],
  );
  if (all) nodes.push({ kind: 'all', nodes: all.map(compile) });
  if (any) nodes.push({ kind: 'any', nodes: any.map(compile) });
  if (not) nodes.push({ kind: 'not', node: compile(not) });
  const [only] = nodes;
  return only && nodes.length === 1 ? only : { kind: 'all', nodes };
}

/** One condition as it was found for somebody. */
export type Found = {
  readonly condition: KindName;
  readonly holds: boolean;
  readonly actual: Fact;
  readonly needed: Test['needed'];
};

/** Whether somebody is in, and the conditions that decide it: those that would have to be otherwise. */
export type Verdict = { readonly holds: boolean; readonly because: readonly Found[] };

/** Pure. */
export function evaluate(node: Node, profile: Profile): Verdict {
  switch (node.kind) {
    case 'test': {
      const { name, test } = node;
      const holds = test.holds(profile);
      const found = { condition: name, holds, actual: test.actual(profile), needed: test.needed };
      return { holds, because: [found] };
    }
    case 'not': {
      const { holds, because } = evaluate(node.node, profile);
      return { holds: !holds, because };
    }
    case 'all':
    case 'any': {
      const decides = node.kind === 'any';
      const verdicts = node.nodes.map((one) => evaluate(one, profile));
      const decisive = verdicts.find(({ holds }) => holds === decides);
      return decisive ?? { holds: !decides, because: verdicts.flatMap(({ because }) => because) };
    }
    default:
      return node satisfies never;
  }
}

/** The same as an SQL expression; null where a row alone doesn't tell. */
export function conditionSql(node: Node, sql: Sql): string {
  switch (node.kind) {
    case 'test':
      return `(${node.test.sql(sql)})`;
    case 'not':
      return `(not ${conditionSql(node.node, sql)})`;
    case 'all':
    case 'any':
      return `(${node.nodes.map((one) => conditionSql(one, sql)).join(node.kind === 'all' ? ' and ' : ' or ')})`;
    default:
      return node satisfies never;
  }
}
