import type { Decision } from '../contract/decision.ts';
import type { Fact } from '../contract/fact-text.ts';
import type { Profile } from '../contract/profile.ts';
import { camelCase } from '../core/camel-case.ts';
import { builtIn, type Policy } from './policy.ts';

type Said = NonNullable<Decision['basis']['said']>;

/** Views that name the member's own tier; `upcomingDeals` names the next one. */
const ofHerTier = ['status', 'yearInReview', 'keepingTier', 'entitlements'];

/**
 * What a mail says of the member: the name it greets, and what its blocks show, so that each figure in it can be found
 * again. Pure; `views` are those of the blocks that are shown.
 */
export function saidOf(
  profile: Profile,
  views: Readonly<Record<string, unknown>>,
  { blocks }: Policy = builtIn,
): Said {
  const told: Record<string, Fact> = {};
  for (const block of blocks.values()) {
    const view = views[camelCase(block.name)];
    if (view !== undefined) told[block.name] = factOf(block.said ? block.said(view) : view);
  }
  const balances = Object.values(views).map(balanceOf);
  return {
    firstName: profile.firstName,
    // Under its own name: in the language of the mail it stands in `blocks`.
    tier: ofHerTier.some((name) => name in views) ? profile.currentTier.name : null,
    activePoints: balances.find((one): one is number => typeof one === 'number') ?? null,
    blocks: told,
  };
}

const balanceOf = (view: unknown): unknown =>
  typeof view === 'object' && view !== null && Object.hasOwn(view, 'activePoints')
    ? Reflect.get(view, 'activePoints')
    : null;

/** A view as what can be stored: instants as text, without what says nothing. */
function factOf(value: unknown): Fact {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || value === null) return null;
  if (Array.isArray(value)) return value.map(factOf);
  const told: Record<string, Fact> = {};
  for (const [key, one] of Object.entries(value))
    if (one !== null && one !== undefined && one !== false) told[key] = factOf(one);
  return told;
}
