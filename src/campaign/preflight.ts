import { randomUUID } from 'node:crypto';

import type pg from 'pg';

import type { Brand } from '../brand/brand.ts';
import { minutesFor } from '../brand/rates.ts';
import type { Message } from '../contract/message.ts';
import type { Outcome, Preflight } from '../contract/preflight.ts';
import type { Template } from '../contract/template.ts';
import { freeCodes } from '../coupon/pool.ts';
import { yearFigures } from '../ledger/figures/year-figures.ts';
import { type Db, transaction } from '../postgres/pool.ts';
import { isAlternative, placeOf } from './assign.ts';
import type { Campaign } from './campaigns.ts';
import { candidates } from './candidates.ts';
import type { Chosen } from './chosen.ts';
import { subjectsOf } from './make-messages.ts';
import { skipped, type SkipReason } from './skipped.ts';

/** How the worker's own attempt at a message would end. */
export type Attempt = {
  readonly state: 'sent' | 'suppressed' | 'failed' | 'quarantined' | 'queued' | 'held';
  readonly reason: string | null;
  readonly error: string | null;
  /** Of the mail, where one was made. */
  readonly bytes: number | null;
  /** Offers of whose pools it would have reserved a code that the member hasn't got. */
  readonly newCodes: readonly string[];
};

export type PreflightParts = {
  readonly pool: pg.Pool;
  readonly brand: Brand;
  readonly template: Template;
  /** The alternative's, where there is one. */
  readonly other?: Template | undefined;
  readonly now: () => Date;
  readonly attempt: (message: Message) => Promise<Attempt>;
  /** The published version that is live of a template; null: the templates folder. */
  readonly liveVersionOf: (template: string) => Promise<string | null>;
};

/** Attempts at once. */
const atOnce = 10;
const mostExamples = 3;

/**
 * Makes the mails of a campaign as its worker would, for everybody or for a sample that is the same whenever it is drawn.
 * @param sample how many to look at; null for all
 * @param audience of one that isn't stored: whom it would be made for
 */
export async function preflight(
  campaign: Campaign,
  parts: PreflightParts,
  sample: number | null,
  audience?: AsyncIterable<readonly Chosen[]>,
): Promise<Preflight> {
  const of = { tenant: campaign.tenant, brand: parts.brand, now: parts.now() };
  const tally = openTally(parts.brand);
  let drawn: Chosen[] = [];
  let all = 0;
  for await (const some of audience ?? candidates(parts.pool, campaign, of)) {
    all += some.length;
    if (sample === null) await look(campaign, parts, some, tally);
    else drawn = firstOf([...drawn, ...some], sample, campaign.id);
  }
  if (drawn.length > 0) await look(campaign, parts, drawn, tally);
  const { newCodes, ...found } = tally.result(all);
  const { perMinute, rampUp } = campaign.timing ?? {};
  const mails = found.lookedAt === 0 ? 0 : (found.willSend.count / found.lookedAt) * all;
  return {
    ...found,
    coupons: await Promise.all(
      [...newCodes].map(async ([offerId, codes]) => ({
        offerId,
        needed: Math.ceil((codes / found.lookedAt) * all),
        free: await freeCodes(parts.pool, {
          tenant: campaign.tenant,
          brand: campaign.brand,
          offerId,
        }),
      })),
    ),
    estimatedSeconds: Math.max(
      found.estimatedSeconds,
      perMinute === undefined
        ? 0
        : 60 * minutesFor(mails, { perMinute, rampUp }, of.now, parts.brand.timeZone),
    ),
  };
}

/** Those with the lowest places: a sample by chance that is the same again. */
const firstOf = (chosen: readonly Chosen[], most: number, campaignId: string): Chosen[] =>
  chosen
    .map((one) => ({ one, place: placeOf(`preflight:${campaignId}`, one.memberId) }))
    .toSorted((a, b) => a.place - b.place)
    .slice(0, most)
    .map(({ one }) => one);

async function look(
  campaign: Campaign,
  { pool, brand, template: first, other = first, now, attempt, liveVersionOf }: PreflightParts,
  chosen: readonly Chosen[],
  tally: Tally,
): Promise<void> {
  const skips = await wouldSkip(pool, campaign, chosen, { brand, now: now() });
  for (const [memberId, reason] of skips) tally.add(memberId, { ...passedOver, reason }, null, 0);
  const left = chosen.filter(({ memberId }) => !skips.has(memberId));
  const figures = await figuresOf(pool, campaign, brand, left);
  const live = new Map<string, string | null>();
  for (const { name } of [first, other]) live.set(name, await liveVersionOf(name));
  for (let from = 0; from < left.length; from += atOnce) {
    const since = performance.now();
    const some = left.slice(from, from + atOnce);
    const attempts = await Promise.all(
      some.map(({ memberId, data: own }) => {
        const { parameters } = campaign;
        const data =
          'year' in parameters
            ? { figures: figures?.get(memberId) }
            : { ...parameters.data, ...own };
        const isOther = isAlternative(campaign, memberId);
        const template = isOther ? other : first;
        const version =
          (isOther ? campaign.alternative?.pinnedVersion : campaign.pinnedVersion) ??
          live.get(template.name) ??
          null;
        return attempt({
          id: randomUUID(),
          tenant: campaign.tenant,
          template: template.name,
          brand: brand.id,
          to: { memberId },
          data,
          about: subjectsOf(template, data),
          campaignId: campaign.id,
          acceptedAt: now(),
          ...(version !== null && { version }),
        });
      }),
    );
    const each = (performance.now() - since) / some.length;
    for (const [index, { memberId }] of some.entries()) {
      const one = attempts[index];
      const purchases = figures?.get(memberId)?.purchases ?? null;
      if (one) tally.add(memberId, one, purchases, each);
    }
  }
}

const passedOver = { state: 'suppressed', error: null, bytes: null, newCodes: [] } as const;

const undo = new Error('only looked at');

/** Whom the campaign would pass over; no turn in a group is taken by looking. */
async function wouldSkip(
  pool: pg.Pool,
  campaign: Campaign,
  chosen: readonly Chosen[],
  { brand, now }: { readonly brand: Brand; readonly now: Date },
): Promise<ReadonlyMap<string, SkipReason>> {
  let skips: ReadonlyMap<string, SkipReason> = new Map();
  await transaction(pool, async (db) => {
    skips = await skipped(db, campaign, chosen, { tenant: campaign.tenant, brand, now });
    throw undo;
  }).catch((error: unknown) => {
    if (error !== undo) throw error;
  });
  return skips;
}

async function figuresOf(
  db: Db,
  { tenant, parameters }: Campaign,
  brand: Brand,
  chosen: readonly Chosen[],
) {
  if (!('year' in parameters)) return null;
  const of = {
    tenant,
    brand: brand.id,
    year: parameters.year,
    timeZone: brand.timeZone,
    currency: brand.programme.currency,
    locale: brand.defaultLocale,
  };
  return yearFigures(
    db,
    of,
    chosen.map(({ memberId }) => memberId),
  );
}

type Tally = ReturnType<typeof openTally>;

function openTally({ programme }: Brand) {
  const outcomes = new Map<string, Told>();
  const sizes = { count: 0, sum: 0, smallest: Infinity, largest: 0 };
  let lookedAt = 0;
  let small: Counted | null = null;
  let milliseconds = 0;
  const newCodes = new Map<string, number>();
  return {
    add: (memberId: string, attempt: Attempt, purchases: number | null, ms: number) => {
      const { error, bytes } = attempt;
      for (const offerId of attempt.state === 'sent' ? attempt.newCodes : [])
        newCodes.set(offerId, (newCodes.get(offerId) ?? 0) + 1);
      const group = groups[attempt.state];
      const reason = attempt.reason ?? '';
      lookedAt += 1;
      milliseconds += ms;
      const known = outcomes.get(`${group} ${reason}`);
      const outcome = known?.outcome ?? noneYet(error);
      countIn(outcome, memberId);
      if (!known) outcomes.set(`${group} ${reason}`, { group, reason, outcome });
      if (purchases !== null && group === 'willSend') {
        small ??= noneYet(null);
        if (purchases < programme.reviewMinimumPurchases) countIn(small, memberId);
      }
      if (bytes === null) return;
      sizes.count += 1;
      sizes.sum += bytes;
      sizes.smallest = Math.min(sizes.smallest, bytes);
      sizes.largest = Math.max(sizes.largest, bytes);
    },
    result: (audience: number) => {
      return {
        newCodes,
        audience,
        lookedAt,
        willSend: by(outcomes, 'willSend')[''] ?? noneYet(null),
        held: by(outcomes, 'held'),
        suppressed: by(outcomes, 'suppressed'),
        errors: by(outcomes, 'errors'),
        tooLittle: small,
        bytes:
          sizes.count === 0
            ? null
            : {
                smallest: sizes.smallest,
                mean: Math.round(sizes.sum / sizes.count),
                largest: sizes.largest,
              },
        estimatedSeconds: lookedAt === 0 ? 0 : (milliseconds / lookedAt / 1000) * audience,
      };
    },
  };
}

type Told = { readonly group: Group; readonly reason: string; readonly outcome: Counted };

const by = (outcomes: ReadonlyMap<string, Told>, group: Group): Record<string, Outcome> =>
  Object.fromEntries(
    [...outcomes.values()]
      .filter((one) => one.group === group)
      .map(({ reason, outcome }) => [reason, outcome]),
  );

const noneYet = (error: string | null): Counted => ({ count: 0, examples: [], error });

function countIn(outcome: Counted, memberId: string): void {
  outcome.count += 1;
  if (outcome.examples.length < mostExamples) outcome.examples.push(memberId);
}

type Counted = { count: number; readonly examples: string[]; readonly error: string | null };
type Group = 'willSend' | 'held' | 'suppressed' | 'errors';

/** What would be tried again failed as well. */
const groups: Record<Attempt['state'], Group> = {
  sent: 'willSend',
  held: 'held',
  suppressed: 'suppressed',
  failed: 'errors',
  quarantined: 'errors',
  queued: 'errors',
};
