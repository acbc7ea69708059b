import { z } from 'zod';

import { brandAt } from '../brand/brand.ts';
import type { Offer } from '../brand/catalogue.ts';
import type { Decision } from '../contract/decision.ts';
import type { Message } from '../contract/message.ts';
import { camelCase } from '../core/camel-case.ts';
import { isRecord } from '../core/is-record.ts';
import { wordsIn } from './blocks/words.ts';
import { builtIn } from './policy.ts';
import { type Context, mailFrom, parseData, type Plan } from './prepare.ts';

/**
 * What was rendered of a message that was sent, out of what is kept of its decision: the figures of then, whatever the
 * ledger says since. With the version and the catalogue of then it renders to the very same html, text and subject.
 * @returns null where what its blocks said isn't kept
 * @throws InvalidInput where its data isn't kept, or doesn't fit any more
 */
export function mailAgain(
  message: Message,
  decision: Decision,
  context: Omit<Context, 'now' | 'suppression' | 'cancelled'>,
): NonNullable<Plan['mail']> | null {
  const { at, locale, said } = decision.basis;
  const now = new Date(at);
  const compiled = context.templateFor(locale);
  const data = parseData(compiled.definition, message.data);
  const views = viewsAgain(decision, context);
  if (views === null) return null;
  return mailFrom({
    message,
    decision,
    compiled,
    data,
    views,
    member: said ? { firstName: said.firstName } : null,
    name: undefined,
    context: { ...context, now, brand: brandAt(context.brand, now.getTime()) },
  });
}

/** Views by camel-case name; null where a block was shown of which nothing is kept. */
function viewsAgain(
  { blocks, offers, basis }: Decision,
  { catalogue, brand, policy = builtIn }: Pick<Context, 'catalogue' | 'brand' | 'policy'>,
): Record<string, unknown> | null {
  const inCatalogue = (offerId: unknown) =>
    catalogue.offers.find((offer) => offer.offerId === offerId);
  const shown = (offer: Offer | undefined) =>
    offer && {
      offerId: offer.offerId,
      title: wordsIn(offer.title, basis.locale, brand),
      body: wordsIn(offer.body, basis.locale, brand),
      url: offer.url,
      imageUrl: offer.imageUrl ?? null,
      code: offer.code ?? null,
    };
  const categories = new Map(
    offers.map(({ offerId, affinity, because }) => {
      const category = affinity > 0 ? / with (.+)$/.exec(because)?.[1] : undefined;
      return [offerId, category === undefined ? null : camelCase(category)];
    }),
  );
  // Of offers only which and until when is kept: the rest is the catalogue's.
  const whole: Readonly<Record<string, (said: unknown) => unknown>> = {
    offers: (said) => {
      const told = new Set<string | null>();
      const items = listOf(said).map((one) => {
        const { offerId } = one;
        const category = categories.get(String(offerId)) ?? null;
        const isNew = !told.has(category);
        told.add(category);
        return { ...shown(inCatalogue(offerId)), ...one, category: isNew ? category : null };
      });
      return { items };
    },
    recommendation: (said) =>
      isRecord(said) ? { ...shown(inCatalogue(said['offerId'])), ...said } : said,
    'upcoming-deals': (said) => {
      if (!isRecord(said) || !Array.isArray(said['items'])) return said;
      const items = said['items'].map((offerId: unknown) => {
        const { url: _, code: __, ...deal } = shown(inCatalogue(offerId)) ?? {};
        return deal;
      });
      return { ...said, items };
    },
  };
  const views: Record<string, unknown> = {};
  for (const { block, kind } of blocks) {
    if (kind !== 'show') continue;
    const schema = policy.blocks.get(block)?.view;
    const said = basis.said?.blocks?.[block];
    if (schema === undefined || said === undefined) return null;
    views[camelCase(block)] = revived(schema, whole[block]?.(said) ?? said);
  }
  return views;
}

const listOf = (said: unknown): Record<string, unknown>[] =>
  Array.isArray(said) ? said.filter(isRecord) : [];

/** A view as its schema has it, of what was stored: instants, and what was left out because it says nothing. */
function revived(schema: z.core.$ZodType, value: unknown): unknown {
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional)
    return value === undefined || value === null
      ? schema instanceof z.ZodNullable
        ? null
        : undefined
      : revived(schema.unwrap(), value);
  if (schema instanceof z.ZodBoolean) return value ?? false;
  if (schema instanceof z.ZodDate) return typeof value === 'string' ? new Date(value) : value;
  if (schema instanceof z.ZodArray && Array.isArray(value))
    return value.map((one) => revived(schema.element, one));
  if (schema instanceof z.ZodRecord && isRecord(value))
    return mapped(value, (one) => revived(schema.valueType, one));
  if (schema instanceof z.ZodObject && isRecord(value))
    return mapped(schema.shape, (inner: z.core.$ZodType, key) => revived(inner, value[key]));
  if (schema instanceof z.ZodUnion) {
    const tried = schema.options.map((option) => ({ option, one: revived(option, value) }));
    return (tried.find(({ option, one }) => z.safeParse(option, one).success) ?? { one: value })
      .one;
  }
  return value;
}

const mapped = <From>(
  record: Readonly<Record<string, From>>,
  change: (value: From, key: string) => unknown,
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(record).flatMap(([key, value]) => {
      const one = change(value, key);
      return one === undefined ? [] : [[key, one]];
    }),
  );
