import type { Facts } from '../src/contract/facts.ts';
import { decide } from '../src/decision/decide.ts';
import { compare } from './compare.ts';
import { atMost, type Findings, spread } from './report.ts';
import { sampleMail } from './sample.ts';

const offerCount = 50;

/** Deciding alone: every rule about the message, its blocks and 50 offers. */
export async function measureDecide(): Promise<Findings> {
  const { message, profile, context, compiled, view } = await sampleMail('mjml');
  const { offers } = context.catalogue;
  const many = Array.from({ length: offerCount }, (_, at) => {
    const offer = offers[at % offers.length];
    if (!offer) throw new Error('the fixtures have no offers');
    return { ...offer, offerId: `${offer.offerId}-${at}` };
  });
  const { data } = view;
  const facts: Facts = {
    message,
    template: compiled.definition,
    data,
    order: compiled.definition.order?.(data) ?? null,
    reading: { kind: 'member', profile },
    profile,
    awaited: null,
    timing: null,
    suppression: null,
    cancelled: new Map(),
    brand: context.brand,
    catalogue: { ...context.catalogue, offers: many },
    offers: [],
    upcoming: [],
    coupons: null,
    withoutCoupon: [],
    locale: compiled.locale,
    now: context.now,
  };
  const decided = decide(facts);
  const shown = decided.offers.filter(({ kind }) => kind === 'show').length;
  const { micros } = await compare([() => decide(facts)]);
  const [took] = micros;
  if (!took || shown === 0) throw new Error('nothing was decided');
  const blocks = compiled.definition.blocks.length;
  return {
    title: 'Deciding',
    note: `one message, ${blocks} blocks, ${offerCount} offers of which ${shown} are shown; every answer with its facts`,
    lines: [`${spread(took)} µs`],
    targets: [atMost(`Deciding with ${offerCount} offers`, took.median, 60, 'µs')],
    figures: { micros: took, offers: offerCount, shown },
  };
}
