import type pg from 'pg';

import type { Catalogue } from '../brand/catalogue.ts';
import { intervalMs } from '../brand/rates.ts';
import { type CouponOfPool, previewCode } from '../contract/coupon.ts';
import type { CampaignTiming } from '../contract/timing.ts';
import { TemporaryError } from '../core/errors.ts';
import { keptValues } from '../core/memo.ts';
import { batch, micro } from '../core/micro-batch.ts';
import { once } from '../core/once.ts';
import { readCoupons, reserveCoupons } from '../coupon/reserve.ts';
import { capsOf } from '../decision/frequency.ts';
import type { Deps } from '../delivery/deliver.ts';
import { transaction } from '../postgres/pool.ts';
import type { TemplateSet } from '../render/load.ts';
import { readRecent } from '../turn/recent.ts';
import { type Pace, takeTurns } from '../turn/turns.ts';

const dayMs = 86_400_000;
const none: CouponOfPool = { kind: 'none', why: 'empty' };

/** What deliveries reserve, put together across concurrent ones. A mail that has nothing to reserve costs nothing. */
export function reservationsOf({
  pool,
  templates,
  dry,
}: {
  readonly pool: pg.Pool;
  readonly templates: Pick<TemplateSet, 'names' | 'definition'>;
  readonly dry: boolean;
}): Deps['reservations'] {
  const commercial = templates.names.filter(
    (name) => templates.definition(name).class === 'commercial',
  );
  const isCommercial = new Set(commercial);
  const recentOf = batch(
    (keys: Parameters<typeof readRecent>[1]) => readRecent(pool, keys, commercial),
    micro,
  );
  const turnOf = batch(
    (asks: Parameters<typeof takeTurns>[1]) =>
      transaction(pool, (db) => takeTurns(db, asks, commercial)),
    micro,
  );
  const timingOf = campaignTimings(pool);

  return async ({ message, claims }, reading, { brand, catalogue }, now) => {
    const profile = reading.kind === 'member' ? reading.profile : null;
    const member = profile?.memberId;
    const { id: messageId, tenant, template, campaignId } = message;
    const pooled = member === undefined ? [] : pooledOffers(catalogue);
    const sells = isCommercial.has(template);
    const campaign = sells && campaignId !== undefined ? await timingOf(campaignId) : null;
    const sending = sells ? brand.sending : undefined;
    const caps = sells && profile ? capsOf(sending, profile) : null;
    const timed = campaign !== null || sending !== undefined || caps !== null;
    if (!timed && pooled.length === 0) return null;

    const days = Math.max(0, ...(caps?.caps ?? []).map((cap) => cap.days));
    const since = new Date(now.getTime() - days * dayMs);
    const ofMember = { tenant, brand: brand.id, memberId: member ?? '' };
    const key = { ...ofMember, messageId, since };
    const [recent, coupons] = await Promise.all([
      caps ? recentOf(key) : [],
      pooled.length > 0 ? readCoupons(pool, { ...ofMember, offerIds: pooled }) : null,
    ]);
    const pacesTo = (address: string): Pace[] => {
      const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
      const rate = sending?.domains[domain];
      return [
        ...(campaign?.perMinute === undefined
          ? []
          : [
              {
                name: `campaign:${campaignId}`,
                intervalMs: intervalMs(
                  { perMinute: campaign.perMinute, rampUp: campaign.rampUp },
                  now,
                  brand.timeZone,
                ),
              },
            ]),
        ...(rate
          ? [
              {
                name: `domain:${brand.id}:${domain}`,
                intervalMs: intervalMs(rate, now, brand.timeZone),
              },
            ]
          : []),
      ];
    };
    return {
      facts: { timing: timed ? { campaign, recent } : null, coupons },
      again: pooled.length > 0 && claims > 1,
      turn: async (address, at) => {
        const paces = pacesTo(address);
        if (dry || (paces.length === 0 && !caps)) return at;
        const turn = await turnOf({ ...key, template, paces, caps, now: at });
        if (turn !== 'capped') return turn;
        throw new TemporaryError(
          'changed-meanwhile',
          'another commercial mail to the member got its turn first',
        );
      },
      reserve: async (wanted) => {
        const codes = dry
          ? new Map(wanted.map((offerId) => [offerId, previewCode]))
          : await transaction(pool, (db) =>
              reserveCoupons(db, { ...ofMember, offerIds: wanted }, messageId),
            );
        return new Map(
          wanted.map((offerId): [string, CouponOfPool] => {
            const code = codes.get(offerId);
            return [offerId, code === undefined ? none : { kind: 'code', code }];
          }),
        );
      },
    };
  };
}

/** Offers of a catalogue that have a pool. */
const pooledOffers = once((catalogue: Catalogue): readonly string[] =>
  catalogue.offers.filter(({ couponPool }) => couponPool).map(({ offerId }) => offerId),
);

const mostKept = 1_000;

/** When campaigns' mails go. It never changes once a campaign is made. */
function campaignTimings(pool: pg.Pool): (id: string) => Promise<CampaignTiming | null> {
  const known = keptValues<CampaignTiming | null>(mostKept);
  const load = async (id: string) => {
    const { rows } = await pool.query<{ timing: CampaignTiming | null }>({
      name: 'campaign-timing',
      text: 'select timing from campaigns where id = $1',
      values: [id],
    });
    return rows[0]?.timing ?? null;
  };
  return (id) => known.get(id, () => load(id));
}
