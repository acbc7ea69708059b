import { z } from 'zod';

import type { Programme } from '../brand/brand.ts';
import { shownBenefit, shownTier } from '../brand/tiers.ts';
import type { Fact } from '../contract/fact-text.ts';
import { Profile } from '../contract/profile.ts';
import { InvalidInput, type Problem } from '../core/errors.ts';
import { type Json, jsonOrText } from '../core/json-or-text.ts';

const forbidden = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * The profile as it would be with some values changed. Values may be texts out of an address (`"1250"`, `"true"`); they
 * are read as what the profile holds there. What hangs on a changed value follows it: a tier's name, benefits and
 * distance to the next, a consent's source.
 * @throws InvalidInput naming every path that doesn't exist or doesn't take its value.
 */
export function changedProfile(
  profile: Profile,
  set: Readonly<Record<string, Fact>>,
  programme: Programme,
  now: Date,
): Profile {
  if (Object.keys(set).length === 0) return profile;
  const draft = asJson(profile);
  const problems: Problem[] = [];
  for (const [path, value] of Object.entries(set)) {
    const problem = assign(draft, path, value);
    if (problem !== undefined) problems.push({ path, message: problem });
  }
  followTier(draft, set, programme, problems);
  followConsents(draft, set, now);
  if (problems.length > 0) throw new InvalidInput(problems);
  const parsed = Profile.safeParse(draft);
  if (parsed.success) return parsed.data;
  throw new InvalidInput(parsed.error.issues.map((issue) => readable(issue, draft)));
}

/** What the profile holds at a path such as `consents.marketing.granted`; undefined where there is nothing. */
export function valueAt(value: unknown, path: string): unknown {
  let found = value;
  for (const key of path.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = Object.entries(found).find(([name]) => name === key)?.[1];
  }
  return found;
}

function assign(draft: { [key: string]: Json }, path: string, value: Fact): string | undefined {
  const keys = path.split('.');
  const last = keys.pop();
  if (last === undefined || last === '' || [last, ...keys].some((key) => forbidden.has(key)))
    return 'is not a path such as activePoints or consents.marketing.granted';
  let holder: Json = draft;
  for (const key of keys) {
    if (typeof holder !== 'object' || holder === null) return 'does not exist in a profile';
    if (Array.isArray(holder)) {
      holder = holder[Number(key)] ?? null;
      continue;
    }
    if (!Object.hasOwn(holder, key) || holder[key] === null) holder[key] = {};
    holder = holder[key] ?? null;
  }
  if (typeof holder !== 'object' || holder === null) return 'does not exist in a profile';
  if (Array.isArray(holder)) {
    if (!(Number(last) in holder)) return 'is beyond the end of its list';
    holder[Number(last)] = interpreted(value, holder[Number(last)]);
    return undefined;
  }
  holder[last] = interpreted(value, holder[last]);
  return undefined;
}

/** A text out of an address, as what stands there already; where nothing does, as what it looks like. */
function interpreted(value: Fact, before: Json | undefined): Json {
  if (typeof value !== 'string') return asJson(value);
  if (value === 'null') return null;
  if (typeof before === 'string') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  if (/^-?\d{1,15}(\.\d+)?$/.test(value)) return Number(value);
  // Lists and records as they stand in an address.
  if (/^[[{]/.test(value)) return jsonOrText(value);
  return value;
}

function followTier(
  draft: { [key: string]: Json },
  set: Readonly<Record<string, Fact>>,
  { tiers }: Programme,
  problems: Problem[],
): void {
  const byHand = 'currentTier.id' in set;
  const qualifying = draft['qualifyingPoints'];
  if ((!byHand && !('qualifyingPoints' in set)) || typeof qualifying !== 'number') return;
  const place = byHand
    ? tiers.findIndex(({ id }) => id === valueAt(draft, 'currentTier.id'))
    : tiers.findLastIndex(({ threshold }) => threshold <= Math.max(0, qualifying));
  const tier = tiers[place];
  const current = draft['currentTier'];
  if (!tier || typeof current !== 'object' || current === null || Array.isArray(current)) {
    problems.push({
      path: 'currentTier.id',
      message: `must be one of ${tiers.map(({ id }) => id).join(', ')}`,
    });
    return;
  }
  const next = tiers[place + 1];
  const locale = typeof draft['locale'] === 'string' ? draft['locale'] : 'en';
  draft['currentTier'] = { ...current, ...shownTier(tier, place, locale) };
  draft['nextTier'] = next ? shownTier(next, place + 1, locale) : null;
  draft['pointsToNextTier'] = next ? Math.max(0, next.threshold - qualifying) : null;
  draft['progress'] = next
    ? [{ attribute: 'qualifyingPoints', currentValue: qualifying, valueGoal: next.threshold }]
    : [];
  draft['benefits'] = tier.benefits.map((benefit) => ({
    ...shownBenefit(benefit, locale),
    startDate: null,
    endDate: null,
    active: true,
  }));
}

function followConsents(
  draft: { [key: string]: Json },
  set: Readonly<Record<string, Fact>>,
  now: Date,
): void {
  for (const path of Object.keys(set)) {
    const consent = /^consents\.\w+(?=\.granted$)/.exec(path)?.[0];
    if (consent === undefined) continue;
    const held = valueAt(draft, consent);
    if (typeof held !== 'object' || held === null || 'source' in held) continue;
    assign(draft, `${consent}.source`, 'preview');
    assign(draft, `${consent}.at`, now.toISOString());
  }
}

function readable(issue: z.core.$ZodIssue, draft: unknown): Problem {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    return { path: path ? `${path}.${key}` : key, message: 'does not exist in a profile' };
  }
  const value = valueAt(draft, path);
  const shown = typeof value === 'string' ? `“${value}”` : JSON.stringify(value);
  const wanted =
    issue.code === 'invalid_type'
      ? `must be ${wordFor[issue.expected] ?? issue.expected}`
      : issue.code === 'invalid_value'
        ? `must be one of ${issue.values.map(String).join(', ')}`
        : issue.message;
  return { path, message: value === undefined ? wanted : `${wanted}, not ${shown}` };
}

const wordFor: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  string: 'a text',
};

/** A copy as plain JSON, which is what a profile is. */
function asJson(value: Profile): { [key: string]: Json };
function asJson(value: Fact): Json;
function asJson(value: unknown) {
  return JSON.parse(JSON.stringify(value));
}
