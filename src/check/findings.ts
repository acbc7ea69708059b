import { groupBy } from '../core/group-by.ts';
import type { Found, Severity } from '../render/check/finding.ts';

/** What a check says, and of which mail. Names are `*` where it holds for all of them. */
export type Finding = {
  readonly severity: Severity;
  readonly check: string;
  readonly template: string;
  readonly brand: string;
  readonly locale: string;
  /** The first person whose mail showed it. */
  readonly persona?: string;
  /** In how many mails it was found. */
  readonly mails: number;
  /** Relative to the project. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  readonly message: string;
  /** What to do; empty where nothing is. */
  readonly fix: string;
};

type Of = Pick<Finding, 'check' | 'template' | 'brand' | 'locale' | 'persona' | 'file' | 'line'>;

/** Gathers findings; the same one of many mails is one. */
export type Findings = {
  readonly add: (found: Pick<Found, 'severity' | 'message' | 'fix'>, of: Of) => void;
  readonly all: () => Finding[];
};

const rank: Record<Severity, number> = { error: 0, warning: 1, fine: 2 };

export function collectFindings(): Findings {
  const known = new Map<string, Finding>();
  return {
    add: ({ severity, message, fix }, of) => {
      // Figures differ from mail to mail: the first stands for the others.
      const key = [of.check, of.template, of.brand, message.replace(/\d+/g, '0')].join('\n');
      const before = known.get(key);
      if (!before) known.set(key, { severity, message, fix, ...of, mails: 1 });
      else
        known.set(key, {
          ...before,
          mails: before.mails + 1,
          locale: before.locale === of.locale ? of.locale : '*',
        });
    },
    all: () =>
      [...known.values()].toSorted(
        (a, b) =>
          rank[a.severity] - rank[b.severity] ||
          a.template.localeCompare(b.template) ||
          a.brand.localeCompare(b.brand) ||
          a.check.localeCompare(b.check),
      ),
  };
}

/** What is wrong with a shared piece shows in many mails: the same finding of several templates is told once. */
export function foldedAcross(findings: readonly Finding[]): Finding[] {
  const groups = groupBy(findings, ({ check, severity, message }) =>
    [check, severity, message.replace(/\d+/g, '0')].join('\n'),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first || new Set(group.map(({ template }) => template)).size < 3) return group;
    return [
      {
        ...first,
        template: `${new Set(group.map(({ template }) => template)).size} templates`,
        brand: same(group.map(({ brand }) => brand)),
        locale: same(group.map(({ locale }) => locale)),
        mails: group.reduce((sum, { mails }) => sum + mails, 0),
      },
    ];
  });
}

const same = (values: readonly string[]) => (new Set(values).size === 1 ? (values[0] ?? '*') : '*');
