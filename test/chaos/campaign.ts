import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

import { v7 as uuidv7 } from 'uuid';

import { fixtureBrandOf } from '../../fixtures/load.ts';
import { addAudience } from '../../src/campaign/audience.ts';
import { changeCampaign, createCampaign, findCampaign } from '../../src/campaign/campaigns.ts';
import { applyEvents } from '../../src/ledger/apply.ts';
import { yearFigures } from '../../src/ledger/figures/year-figures.ts';
import { dataOf, type Packed } from '../../src/message/rows/stored-message.ts';
import { transaction } from '../../src/postgres/pool.ts';
import { loadBrands } from '../../src/render/voice/brand-files.ts';
import { type Ground, numberOf, rowsOf, type States, until, untilArrived } from './ground.ts';
import { abandonedClaims, arrived } from './kills.ts';

const tenant = 'main';
const brand = 'juniper';
const year = 2025;

export type CampaignReport = {
  readonly members: number;
  readonly states: States;
  /** Members with exactly one message, and those of whose message a mail arrived. */
  readonly withOneMessage: number;
  readonly mailed: number;
  /** Mails beyond the first of a member, and how many were in flight at the kills. */
  readonly extra: number;
  readonly inFlight: number;
  readonly unknownOutcomes: number;
  /** Kills that hit while messages were being made, with only a part of the audience done. */
  readonly killsInFanOut: number;
  readonly pauses: number;
  /** Messages whose frozen figures are what the query says when it is run again. */
  readonly figuresAgree: number;
  /** The most memory any of its workers had, in MB. */
  readonly memoryMb: number;
  /** Mails that left while it was paused and nobody had one in hand any more. */
  readonly sentWhilePaused: number;
};

/**
 * A campaign is sent while its worker is killed again and again: first while messages are being made, then at random
 * points of sending; after every other of these the campaign is paused for a while as well.
 * @param random gives numbers from 0 to 1, the same in every run
 */
export async function sendCampaignUnderKills(
  ground: Ground,
  {
    members,
    kills,
    random,
    restart,
    onKill,
  }: {
    readonly members: number;
    readonly kills: number;
    readonly random: () => number;
    /** Postgres goes and comes back, in the middle of it. */
    readonly restart?: () => Promise<void>;
    readonly onKill?: (nth: number) => void;
  },
): Promise<CampaignReport> {
  const { pool, sink } = ground;
  const campaignId = await makeCampaign(ground, members);
  const change = (to: 'running' | 'paused') =>
    transaction(pool, (db) => changeCampaign(db, tenant, campaignId, to));
  const cursor = async () => (await findCampaign(pool, tenant, campaignId))?.cursor ?? 0;
  const inFlight = new Set<string>();
  let killsInFanOut = 0;
  let pauses = 0;
  let sentWhilePaused = 0;
  let memoryMb = 0;

  await change('running');
  let service = await ground.start({ ready: false });
  const points = Array.from({ length: kills }, () => Math.floor(random() * members * 0.9));
  for (const [nth, point] of points.toSorted((a, b) => a - b).entries()) {
    if (nth === 0) await until(async () => (await cursor()) > 0);
    else await untilArrived(sink, point);
    onKill?.(nth + 1);
    memoryMb = Math.max(memoryMb, await peakMemory(service.pid));
    await service.kill();
    for (const token of await abandonedClaims(ground)) inFlight.add(token);
    if ((await cursor()) < members) killsInFanOut += 1;
    service = await ground.start();
    if (nth % 2 === 1) {
      await untilArrived(sink, Math.min(point + 20, members));
      sentWhilePaused += await pauseForAWhile(ground, change);
      pauses += 1;
    }
    if (restart && nth === Math.floor(kills / 2)) {
      await restart();
      await rowsOf(pool, 'select 1');
    }
  }
  await until(async () => (await cursor()) === members);
  const states = await ground.drained(drainedMs(members));
  memoryMb = Math.max(memoryMb, await peakMemory(service.pid));
  await service.stop();

  const { extra, unknownOutcomes } = await arrived(ground);
  const mails = await sink.ids();
  const rows = await rowsOf<{ id: string; member: string }>(
    pool,
    'select id, member_id as member from messages where campaign_id = $1',
    [campaignId],
  );
  const ids = new Set([...mails.keys()].map((messageId) => messageId.slice(0, 36)));
  return {
    members,
    states,
    withOneMessage: await numberOf(
      pool,
      `select count(*) from (select from messages where campaign_id = $1 group by member_id having count(*) = 1) m`,
      [campaignId],
    ),
    mailed: new Set(rows.filter(({ id }) => ids.has(id)).map(({ member }) => member)).size,
    extra,
    inFlight: inFlight.size,
    unknownOutcomes,
    killsInFanOut,
    pauses,
    figuresAgree: await agreeing(ground, campaignId),
    memoryMb,
    sentWhilePaused,
  };
}

/** Some thirty mails a second, and then some. */
const drainedMs = (members: number) => 120_000 + members * 30;

/** The most memory a process had so far, in MB. */
async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024);
}

/** Counts messages whose figures are what the year's query says of their member, run again from the ledger. */
async function agreeing({ pool }: Ground, campaignId: string): Promise<number> {
  const juniper = (await loadBrands('templates')).get(brand)?.brand;
  if (!juniper) throw new Error(`there is no brand ${brand}`);
  const { programme, timeZone, defaultLocale } = juniper;
  const of = {
    tenant,
    brand,
    year,
    timeZone,
    currency: programme.currency,
    locale: defaultLocale,
  };
  let agree = 0;
  let after = '';
  for (;;) {
    const rows = await rowsOf<{ member: string } & Packed>(
      pool,
      `select member_id as member, data, packed_data as "packedData" from messages
        where campaign_id = $1 and member_id > $2 order by member_id limit 2000`,
      [campaignId, after],
    );
    if (rows.length === 0) return agree;
    const data = await Promise.all(rows.map((row) => dataOf(pool, row)));
    const again = await yearFigures(
      pool,
      of,
      rows.map(({ member }) => member),
    );
    agree += rows.filter(({ member }, at) =>
      isDeepStrictEqual(
        data[at]?.['figures'],
        JSON.parse(JSON.stringify(again.get(member) ?? null)),
      ),
    ).length;
    after = rows.at(-1)?.member ?? '';
  }
}

/** Returns how many mails left all the same, once those in hand were gone. */
async function pauseForAWhile(
  { pool, sink }: Ground,
  change: (to: 'running' | 'paused') => Promise<unknown>,
): Promise<number> {
  await change('paused');
  const inHand = `select count(*) from messages where state = 'sending'`;
  await until(async () => (await numberOf(pool, inHand)) === 0);
  const before = (await sink.stats()).mails;
  await sleep(1_000);
  const after = (await sink.stats()).mails;
  await change('running');
  return after - before;
}

/** A campaign whose audience is loaded: members who may be written to, each with a purchase in its year. */
async function makeCampaign({ pool }: Ground, members: number): Promise<string> {
  const memberIds = Array.from({ length: members }, (_, n) => `chaos-${n}`);
  const events = memberIds.flatMap((memberId, n) => [
    {
      source: 'chaos',
      id: `${memberId}-1`,
      at: '2024-01-10T09:00:00Z',
      memberId,
      type: 'member.enrolled',
      brand,
      membershipNumber: `CH ${n}`,
      email: `${memberId}@post.example`,
      firstName: 'Kim',
      lastName: `Number ${n}`,
      locale: 'en',
    },
    {
      source: 'chaos',
      id: `${memberId}-2`,
      at: '2024-01-10T09:00:00Z',
      memberId,
      type: 'consent.changed',
      purpose: 'marketing',
      granted: true,
      givenAt: 'sign-up',
    },
    {
      source: 'chaos',
      id: `${memberId}-3`,
      at: '2025-03-12T07:12:56Z',
      memberId,
      type: 'order.placed',
      orderId: `CH-${n}`,
      channel: 'online',
      currency: 'EUR',
      total: 480,
      lines: [{ productId: 'oat-latte', unitPrice: 480, fullPrice: true }],
    },
  ]);
  const brandOf = await fixtureBrandOf();
  for (let at = 0; at < events.length; at += 2_500) {
    const results = await applyEvents(pool, tenant, brandOf, events.slice(at, at + 2_500));
    const wrong = results.find(({ kind }) => kind !== 'applied');
    if (wrong) throw new Error(`an event was not applied: ${JSON.stringify(wrong)}`);
  }
  const { id } = await createCampaign(pool, {
    id: uuidv7(),
    tenant,
    brand,
    template: 'year-in-review',
    parameters: { year },
    idempotencyKey: null,
  });
  for (let at = 0; at < members; at += 1_000)
    await addAudience(pool, id, memberIds.slice(at, at + 1_000));
  return id;
}
