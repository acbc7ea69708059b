import type { Brand } from '../brand/brand.ts';
import type { Decision } from '../contract/decision.ts';
import type { Fact } from '../contract/fact-text.ts';
import type { Message } from '../contract/message.ts';
import type { Profile, ProfileReading } from '../contract/profile.ts';
import type { Template } from '../contract/template.ts';
import { InvalidInput } from '../core/errors.ts';
import type { Context } from '../decision/prepare.ts';
import { changedProfile } from '../personas/what-if.ts';
import { dayMs, devoted, newcomer, type Setting } from './made-up.ts';

/** Somebody a mail is made for, in some situation. */
export type Person = {
  readonly id: string;
  /** Out of the fixtures: every language is looked at for her, for the others only what is decided. */
  readonly known: boolean;
  /** What must become of the mail; left out where nothing is expected. */
  readonly expected?: string;
  readonly reading: ProfileReading;
  readonly message?: Partial<Message>;
  readonly context?: Partial<
    Pick<Context, 'awaited' | 'suppression' | 'cancelled' | 'now' | 'catalogue'>
  >;
};

const memberOf = (id: string, profile: Profile, known = false): Person => ({
  id,
  known,
  reading: { kind: 'member', profile },
});

/**
 * Everybody a template is tried with: the brand's personas, and people made up so that each rule is met from both sides:
 * by what the programme, the catalogue and the message name, and by every situation a message can be in.
 */
export function peopleFor(
  setting: Setting,
  template: Template,
  data: Record<string, unknown>,
): readonly Person[] {
  const { brand, personas, now, catalogue } = setting;
  const rich = devoted(setting, template, data);
  const reading: ProfileReading = { kind: 'member', profile: rich };
  const soon = new Date(now.getTime() + 20 * dayMs).toISOString();
  const before = new Date(now.getTime() - dayMs);
  const subjects = template.about?.(data) ?? [];
  const starts = new Set(catalogue.offers.map(({ startsAt }) => Date.parse(startsAt) + 1));
  return [
    ...personas.map(({ id, reading: of, told }) => ({
      id,
      known: true,
      reading: of,
      ...told?.(template),
    })),
    {
      id: 'guest',
      known: personas.length === 0,
      reading: { kind: 'guest', why: 'unknown-address' },
    },
    memberOf('newcomer', newcomer(setting), personas.length === 0),
    memberOf('devoted', rich, personas.length === 0),
    memberOf('without consent', { ...rich, consents: {} }),
    memberOf('suspended', { ...rich, memberStatus: 'suspended' }),
    memberOf('disputed', { ...rich, memberStatus: 'disputed' }),
    memberOf('bonus used', {
      ...rich,
      bonuses: rich.bonuses.map((one) => ({ ...one, state: 'used', usedAt: rich.enrolledAt })),
    }),
    memberOf('reward claimed', {
      ...rich,
      rewards: rich.rewards.map((one) => ({ ...one, claimedAt: rich.enrolledAt })),
    }),
    memberOf('everything redeemed', {
      ...rich,
      redemptions: Object.fromEntries(catalogue.offers.map(({ offerId }) => [offerId, 100])),
    }),
    memberOf('just bought', {
      ...rich,
      boughtProducts: Object.fromEntries(
        Object.keys(rich.boughtProducts).map((id) => [
          id,
          { count: 1, lastAt: before.toISOString(), lastFullPriceAt: before.toISOString() },
        ]),
      ),
    }),
    ...brand.programme.tiers.flatMap((_, index) => {
      const profile = atTier(rich, brand, index);
      return [
        memberOf(`tier ${profile.currentTier.id}`, profile),
        memberOf(`tier ${profile.currentTier.id}, lapsing`, {
          ...profile,
          qualifyingPoints: 0,
          currentTier: { ...profile.currentTier, expiresAt: soon },
        }),
      ];
    }),
    ...[...starts].map((start) => ({
      ...memberOf(`devoted, on ${new Date(start).toISOString().slice(0, 10)}`, rich),
      // Nobody has used it yet on the day it starts.
      context: {
        now: new Date(start),
        catalogue: {
          ...catalogue,
          offers: catalogue.offers.map((offer) => ({ ...offer, usedCount: 0 })),
        },
      },
    })),
    { id: 'erased', known: false, reading: { kind: 'erased' } },
    {
      ...memberOf('address suppressed', rich),
      context: { suppression: { reason: 'hard-bounce', at: before, scope: 'all' } },
    },
    {
      ...memberOf('unsubscribed', rich),
      context: { suppression: { reason: 'unsubscribe', at: before, scope: 'commercial' } },
    },
    {
      id: 'subject cancelled',
      known: false,
      reading,
      context: { cancelled: new Map(subjects.map((subject) => [subject, before])) },
    },
    { id: 'too late', known: false, reading, message: { expiresAt: before } },
    { id: 'too early', known: false, reading, message: { sendAt: new Date(soon) } },
    ...[0, 30_000].map((waitedMs): Person => ({
      id: waitedMs === 0 ? 'event awaited' : 'event not there in time',
      known: false,
      reading,
      context: { awaited: { what: 'event 1 of shop', applied: false, waitedMs, waitMs: 30_000 } },
    })),
  ];
}

function atTier(profile: Profile, brand: Brand, index: number): Profile {
  const { tiers } = brand.programme;
  const [tier, next] = [tiers[index], tiers[index + 1]];
  if (!tier) return profile;
  const name = (of: NonNullable<typeof tier>) => of.names[brand.defaultLocale] ?? of.id;
  return {
    ...profile,
    qualifyingPoints: tier.threshold,
    currentTier: { ...profile.currentTier, id: tier.id, name: name(tier), rank: index },
    nextTier: next ? { id: next.id, name: name(next), rank: index + 1 } : null,
    pointsToNextTier: next ? Math.max(0, next.threshold - tier.threshold) : null,
  };
}

/** People whom a decision's own words describe: what would have turned it. */
export function turned(person: Person, decision: Decision, brand: Brand, now: Date): Person[] {
  const { expected: _, ...others } = person;
  const { reading } = others;
  if (reading.kind !== 'member') return [];
  const steps = [
    ...decision.steps,
    ...[...decision.blocks, ...decision.offers].flatMap((one) => one.steps),
  ];
  const changes = new Map<string, Readonly<Record<string, Fact>>>();
  for (const step of steps)
    if (step.outcome !== 'pass' && step.flip?.set)
      changes.set(JSON.stringify(step.flip.set), step.flip.set);
  return [...changes].flatMap(([text, set]): Person[] => {
    const profile = changed(reading.profile, set, brand, now);
    return profile
      ? [
          {
            ...others,
            known: false,
            id: `${person.id} with ${text}`,
            reading: { ...reading, profile },
          },
        ]
      : [];
  });
}

function changed(
  profile: Profile,
  set: Readonly<Record<string, Fact>>,
  brand: Brand,
  now: Date,
): Profile | undefined {
  try {
    return changedProfile(profile, set, brand.programme, now);
  } catch (error) {
    // A proposal that doesn't fit this profile: somebody else shows it.
    if (error instanceof InvalidInput) return undefined;
    throw error;
  }
}
