import { type Brand, brandAt, brandShown } from '../brand/brand.ts';
import type { Catalogue } from '../brand/catalogue.ts';
import { directionOf } from '../brand/direction.ts';
import { topicOf } from '../brand/preferences.ts';
import type { Coupons } from '../contract/coupon.ts';
import { dataProblems } from '../contract/data-limits.ts';
import type { Decision } from '../contract/decision.ts';
import type { Email } from '../contract/email.ts';
import type { Awaited, Facts, Suppression } from '../contract/facts.ts';
import type { Message } from '../contract/message.ts';
import type { Profile, ProfileReading } from '../contract/profile.ts';
import type { CompiledTemplate, Rendered, RenderInput, View } from '../contract/template.ts';
import type { Timing } from '../contract/timing.ts';
import { InvalidInput } from '../core/errors.ts';
import { schemaFingerprint } from '../core/schema-fingerprint.ts';
import { mailHeaders } from '../render/mime/headers.ts';
import { type ClickUrl, countsClicks, withCountedLinks } from './counted-links.ts';
import { decide } from './decide.ts';
import { type ChartUrl, withLinkedCharts } from './linked-charts.ts';
import type { Policy } from './policy.ts';
import { saidOf } from './said.ts';

/** Whose link it is: the mail's, and the member's it goes to; none for a guest. What the mail is about, where a member may switch that off. */
export type LinkOf = {
  readonly messageId: string;
  readonly memberId?: string;
  readonly topic?: string;
};

/** Everything `prepare` needs to know besides the message and the person: no clock, no I/O, no randomness. */
export type Context = {
  readonly now: Date;
  readonly brand: Brand;
  readonly catalogue: Catalogue;
  /** The compiled template of the message's brand, for a wanted locale (the brand's default where it has no such one). */
  readonly templateFor: (locale: string) => CompiledTemplate;
  /** The checked address the mail would go to. */
  readonly address: string;
  /** Left out where the message waits for nothing. */
  readonly awaited?: Awaited | null;
  /** Codes of pools; left out where none is to be taken. */
  readonly coupons?: Coupons | null;
  /** Left out where nothing is asked about time. */
  readonly timing?: Timing | null;
  readonly suppression: Suppression | null;
  readonly cancelled: ReadonlyMap<string, Date>;
  /** The https address that unsubscribes this recipient with one click: a member from one topic, where the mail is about one. */
  readonly unsubscribeUrl: (address: string, of: LinkOf) => string;
  /** Where a member says which mails they want; left out, there is no such page. */
  readonly preferencesUrl?: ((address: string, of: LinkOf) => string) | undefined;
  /** Where charts are found that mails show by address; left out, mails carry their charts with them. */
  readonly chartUrl?: ChartUrl | undefined;
  /** Where links lead that are counted; left out, they lead where they lead, as in previews and checks. */
  readonly clickUrl?: ClickUrl | undefined;
  /** Rules and blocks; Laurel's own where left out. */
  readonly policy?: Policy | undefined;
};

/** A mail where there is one to send, with what it was made of and what the template gave for it. */
export type Prepared = { readonly decision: Decision } & (
  | { readonly email: Email; readonly rendered: RenderInput & { readonly pieces: Rendered } }
  | { readonly email?: never; readonly rendered?: never }
);

/** A message that is decided: what is to be rendered if it is to be sent, and what makes a mail of it then. */
export type Plan = {
  readonly decision: Decision;
  /** Offers it shows with a code of their pool: to be reserved before it is rendered. */
  readonly coupons: readonly string[];
  readonly mail?: RenderInput & { readonly finish: (rendered: Rendered) => Prepared };
};

/**
 * Decides, composes and renders one message for one person at one instant. Worker, preview, `explain` and dry runs all
 * call this, which is why a preview can't differ from what is sent.
 * @throws InvalidInput where the data no longer fits the template's schema, PermanentError where it can't be rendered.
 */
export function prepare(message: Message, reading: ProfileReading, context: Context): Prepared {
  const { decision, mail } = plan(message, reading, context);
  return mail ? mail.finish(mail.compiled.render(mail.view)) : { decision };
}

/**
 * The same without rendering: the worker renders where it can be ended.
 * @throws InvalidInput where the data no longer fits the template's schema
 */
export function plan(message: Message, reading: ProfileReading, context: Context): Plan {
  const { now, catalogue } = context;
  const brand = brandAt(context.brand, now.getTime());
  const profile = reading.kind === 'member' ? reading.profile : null;
  // Whose it is is in doubt: the mail says nothing of her, not even her name or language.
  const personal = isDisputed(reading) ? null : profile;
  const compiled = context.templateFor(message.locale ?? personal?.locale ?? brand.defaultLocale);
  const { definition: template, locale } = compiled;
  const data = parseData(template, message.data, message.parsedBy);

  const facts: Facts = {
    message,
    template,
    data,
    order: template.order?.(data) ?? null,
    reading,
    profile,
    awaited: context.awaited ?? null,
    timing: context.timing ?? null,
    suppression: context.suppression,
    cancelled: context.cancelled,
    brand,
    catalogue,
    offers: [],
    upcoming: [],
    coupons: context.coupons ?? null,
    withoutCoupon: [],
    locale,
    now,
  };
  const { outcome, steps, blocks, offers, views, coupons } = decide(facts, context.policy);
  const decision: Decision = {
    ...outcome,
    steps,
    blocks,
    offers,
    basis: {
      at: now.toISOString(),
      profile: reading.kind,
      memberId: profile?.memberId ?? null,
      ...(personal && { said: saidOf(personal, views, context.policy) }),
      ledgerVersion: profile?.ledgerVersion ?? null,
      profileAsOf: profile?.asOf ?? null,
      ...(reading.composed && {
        sources: reading.composed.sources,
        unknown: reading.composed.unknown,
      }),
      catalogueVersion: catalogue.version,
      programmeVersion: brand.programme.version,
      templateVersion: compiled.version,
      ...(compiled.published?.otherCode.length && { otherCode: compiled.published.otherCode }),
      locale,
    },
  };
  if (decision.kind !== 'send') return { decision, coupons: [] };
  const mail = mailFrom({
    message,
    decision,
    compiled,
    data,
    views,
    member: personal && { firstName: personal.firstName },
    name: fullName(personal),
    context: { ...context, brand },
  });
  return { decision, coupons, mail };
}

/** Of a decision to send, and of what its blocks show: what is to be rendered, and what makes a mail of it then. */
export function mailFrom({
  message,
  decision,
  compiled,
  data,
  views,
  member,
  name: ownName,
  context,
}: {
  readonly message: Message;
  readonly decision: Decision;
  readonly compiled: CompiledTemplate;
  readonly data: Message['data'];
  readonly views: View['blocks'];
  readonly member: View['member'];
  readonly name: string | undefined;
  readonly context: Pick<
    Context,
    'brand' | 'address' | 'unsubscribeUrl' | 'preferencesUrl' | 'chartUrl' | 'clickUrl' | 'now'
  >;
}): NonNullable<Plan['mail']> {
  const { brand, now } = context;
  const { definition: template, locale } = compiled;
  const promotional =
    template.class === 'commercial' ||
    decision.blocks.some((block) => block.kind === 'show' && block.content === 'promotional');
  const links = promotional
    ? linksOf(message, template, decision.basis.memberId ?? null, context)
    : { unsubscribe: null, preferences: null };
  const view: View = {
    brand: brandShown(brand, compiled.published?.brand),
    locale,
    dir: directionOf(locale),
    now,
    member,
    data,
    blocks: views,
    links,
  };
  const mailOf = (made: Rendered): Email => {
    const charted = context.chartUrl ? withLinkedCharts(made, context.chartUrl, now) : made;
    const { clickUrl } = context;
    const { tenant, id: messageId } = message;
    const rendered =
      clickUrl && countsClicks(brand, template)
        ? withCountedLinks(charted, Object.values(links), (target) =>
            clickUrl({ tenant, messageId, target }),
          )
        : charted;
    const { subject, preheader, text, preEncoded, attachments } = rendered;
    const name = message.to.name ?? ownName;
    return {
      to: { address: context.address, ...(name && { name }) },
      from: brand.from,
      ...(brand.replyTo && { replyTo: brand.replyTo }),
      subject,
      preheader,
      // Put together when somebody reads it; sending takes what is encoded already.
      get html() {
        return rendered.html;
      },
      ...(preEncoded && { preEncoded }),
      text,
      ...(attachments && { attachments }),
      headers: mailHeaders({
        message,
        brand,
        unsubscribe: links.unsubscribe,
        oneClick: template.class === 'commercial',
        at: now,
      }),
    };
  };
  const finish = (pieces: Rendered): Prepared => ({
    decision,
    email: mailOf(pieces),
    rendered: { compiled, view, pieces },
  });
  return { compiled, view, finish };
}

/** A mail that sells has a way out; one that does nothing else also a way to have less of it. */
function linksOf(
  { id: messageId }: Message,
  { class: kind, name }: CompiledTemplate['definition'],
  memberId: string | null,
  { brand, address, unsubscribeUrl, preferencesUrl }: Parameters<typeof mailFrom>[0]['context'],
): View['links'] {
  const recipient = { messageId, ...(memberId !== null && { memberId }) };
  if (kind === 'transactional')
    return { unsubscribe: unsubscribeUrl(address, recipient), preferences: null };
  const topic = topicOf(brand, name)?.id;
  const of: LinkOf = { ...recipient, ...(topic !== undefined && { topic }) };
  return {
    unsubscribe: unsubscribeUrl(address, of),
    preferences: memberId === null || !preferencesUrl ? null : preferencesUrl(address, of),
  };
}

function isDisputed(reading: ProfileReading): boolean {
  if (reading.kind !== 'member' || reading.composed?.unknown.includes('memberStatus')) return false;
  return reading.profile.memberStatus === 'disputed';
}

/** @throws InvalidInput where the data doesn't fit, or not any more */
export function parseData(
  template: CompiledTemplate['definition'],
  data: Message['data'],
  parsedBy?: string,
): Message['data'] {
  // Looked at when it was accepted, too; limits may have been others then.
  const beyond = dataProblems(data);
  if (beyond.length > 0) throw new InvalidInput(beyond);
  if (parsedBy !== undefined && parsedBy === schemaFingerprint(template.schema)) return data;
  const parsed = template.schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new InvalidInput(
    parsed.error.issues.map((issue) => ({
      path: ['data', ...issue.path].join('.'),
      message: issue.message,
    })),
  );
}

function fullName(profile: Profile | null): string | undefined {
  const name = [profile?.firstName, profile?.lastName].filter(Boolean).join(' ');
  return name === '' || /[<>@]/.test(name) ? undefined : name;
}
