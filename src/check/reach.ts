import type { Decision } from '../contract/decision.ts';
import type { Reason } from '../contract/reasons.ts';
import { builtIn, type Policy } from '../decision/policy.ts';
import type { Findings } from './findings.ts';

type Seen = { shown: number; readonly reasons: Map<Reason, number> };

/**
 * Keeps what became of every block, offer and rule over everybody tried, and says what nobody reaches: a block that is
 * never shown, an offer nobody gets, a rule that never says no.
 */
export type Reach = {
  readonly note: (template: string, brand: string, decision: Decision) => void;
  readonly tell: (findings: Findings, whole: boolean) => void;
};

/** Not every brand has what these wait for: sources besides the ledger, consent to signals. */
const dependOnTheBrand = new Set(['required-source', 'goes-with', 'usage-limit']);

/** @param judged which rules are to have somebody they are there for: a project is not to blame for the package's */
export function openReach(policy: Policy = builtIn, judged: 'all' | 'own' = 'all'): Reach {
  const { messageRules, blockRules, offerRules } = policy;
  const blocks = new Map<string, Seen>();
  const offers = new Map<string, Seen>();
  const sent = new Map<string, Seen>();
  const objecting = new Set<string>();
  const see = (map: Map<string, Seen>, key: string, reason: Reason | null) => {
    const seen = map.get(key) ?? { shown: 0, reasons: new Map() };
    if (reason === null) seen.shown += 1;
    else seen.reasons.set(reason, (seen.reasons.get(reason) ?? 0) + 1);
    map.set(key, seen);
  };
  return {
    note: (template, brand, decision) => {
      see(sent, `${template}\n${brand}`, decision.kind === 'send' ? null : decision.reason);
      for (const one of decision.blocks)
        see(blocks, `${template}\n${brand}\n${one.block}`, one.kind === 'show' ? null : one.reason);
      for (const one of decision.offers)
        // Outranked is not out of reach: every rule let it pass.
        see(
          offers,
          `*\n${brand}\n${one.offerId}`,
          one.kind === 'show' || one.reason === 'below-the-first' ? null : one.reason,
        );
      const steps = [decision, ...decision.blocks, ...decision.offers].flatMap((one) => one.steps);
      for (const step of steps) if (step.outcome !== 'pass') objecting.add(step.rule);
    },
    tell: (findings, whole) => {
      const never = (
        map: ReadonlyMap<string, Seen>,
        say: (name: string) => string,
        fix: string,
      ) => {
        for (const [key, { shown, reasons }] of map) {
          if (shown > 0) continue;
          const [template = '', brand = '', name = ''] = key.split('\n');
          findings.add(
            { severity: 'warning', message: `${say(name)}: ${most(reasons)}`, fix },
            {
              check: 'reach',
              template,
              brand,
              locale: '*',
              ...(template !== '*' && { file: `templates/${template}/template.ts` }),
            },
          );
        }
      };
      never(sent, () => 'nobody would be sent this', 'look at its rules and its sample data');
      never(
        blocks,
        (name) => `block ${name} is shown to nobody`,
        'take it out of the template, or look at what it needs and at the sample data',
      );
      if (!whole) return;
      never(
        offers,
        (name) => `offer ${name} is shown to nobody`,
        'look at its conditions, and at the personas',
      );
      const known = [...builtIn.messageRules, ...builtIn.blockRules, ...builtIn.offerRules];
      const silent = [...messageRules, ...blockRules, ...offerRules]
        .filter((rule) => judged === 'all' || !known.includes(rule))
        .map(({ name }) => name)
        .filter((name) => !objecting.has(name) && !dependOnTheBrand.has(name));
      for (const rule of new Set(silent))
        findings.add(
          {
            severity: 'warning',
            message: `rule ${rule} objects to nothing, whoever the mail is for`,
            fix: 'add a persona it is there for, or take the rule out',
          },
          {
            check: 'reach',
            template: '*',
            brand: '*',
            locale: '*',
            ...(judged === 'all' && { file: `src/decision/rules/${rule}.ts` }),
          },
        );
    },
  };
}

const most = (reasons: ReadonlyMap<Reason, number>) =>
  [...reasons]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([reason]) => reason)
    .join(', ') || 'it was never looked at';
