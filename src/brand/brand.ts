import { z } from 'zod';

import { startOfDay } from '../core/calendar.ts';
import { webAddress } from '../core/web-address.ts';
import { Earn, Engagement, Expiry, LocalDate, PendingUntil, TakeBacks } from './accrual.ts';
import { ProductAttributes } from './diets.ts';
import type { Preferences } from './preferences.ts';
import type { Sending } from './sending.ts';
import { Names, Reward, TierKeep, TierPeriod, TierRule } from './tiers.ts';
import type { Triggers } from './triggers.ts';

const Colour = z.string().regex(/^#[0-9a-fA-F]{6}$/, 'a colour such as #1e3932');

const Said = z.string().regex(/\S/, 'must not be empty');

/** Design tokens of one scheme. Text on its ground must keep a contrast of 4.5 : 1. */
const Colours = z.strictObject({
  page: Colour,
  surface: Colour,
  raised: Colour,
  text: Colour,
  muted: Colour,
  line: Colour,
  accent: Colour,
  onAccent: Colour,
  highlight: Colour,
  onHighlight: Colour,
});

/** What a brand deals in: things that are ordered, journeys that are booked. */
export const Trade = z.enum(['orders', 'bookings']);
export type Trade = z.infer<typeof Trade>;

/** Families of mail clients, as caniemail.com names them. */
const MailClient = z.enum([
  'gmail',
  'apple-mail',
  'outlook',
  'samsung-email',
  'yahoo',
  'aol',
  'orange',
  'sfr',
  'thunderbird',
  'protonmail',
  'hey',
  'mail-ru',
  'fastmail',
  'laposte',
]);

/** What SES, Postmark, Mailchimp, SparkPost, Mailgun, Mailjet and SendGrid read of a mail's headers. */
export const providerHeader =
  /^X-(?:SES|PM|MC|MSYS|Mailgun|MJ|SMTPAPI|SG)(?:-[A-Za-z0-9-]{1,60})?$/i;

/** Who speaks, and how it looks: `templates/brands/<id>/brand.json`. Words are in its `locales/`. */
export const BrandIdentity = z.strictObject({
  $schema: z.string().optional(),
  id: z.string(),
  name: z.string(),
  defaultLocale: z.string(),
  timeZone: z.string(),
  currency: z.string(),
  from: z.strictObject({ name: z.string(), address: z.email() }),
  replyTo: z.email().optional(),
  /** Headers that every mail carries for the mail provider; `{messageId}` is the id of the message. */
  headers: z
    .record(
      z
        .string()
        .regex(
          providerHeader,
          'must be a header of a mail provider, such as X-SES-CONFIGURATION-SET',
        ),
      z.string().regex(/^[ -~]{1,200}$/, 'must be up to 200 plain ASCII characters'),
    )
    .optional(),
  siteUrl: webAddress('http', 'https'),
  /** Where the brand's pictures are served from. */
  logoUrl: webAddress('http', 'https').optional(),
  /** Diets that attributes of its products go against, beyond what `diets.ts` says; none: good for everybody. */
  productAttributes: ProductAttributes.optional(),
  font: z.string(),
  headingFont: z.string(),
  /** How headings are set: their weight, as they are or in capitals, and the room between letters. */
  headings: z
    .strictObject({
      weight: z.int().min(100).max(900),
      case: z.enum(['asis', 'upper']),
      spacing: z.string().regex(/^-?\d*\.?\d+(em)?$/, 'a letter spacing such as 0.04em'),
    })
    .default({ weight: 700, case: 'asis', spacing: '0' }),
  /** Corner radius in CSS pixels. */
  radius: z.int(),
  colours: z.strictObject({ light: Colours, dark: Colours }),
  /** Who sends, by the name and the postal address the law asks for: in the footer of every mail. */
  legal: z.strictObject({ company: Said, address: Said }),
  /** Whether who bought before may be written to about offers without having been asked, where the law has it so. */
  existingCustomers: z.boolean().optional(),
  /** Of its members, the percentage that no campaign writes to, to compare with. Always the same ones. */
  controlGroupPercent: z.number().min(0).max(50).optional(),
  /** Whether commercial mails lead through Laurel to where their links lead, so that it is counted who follows them. */
  clicks: z.boolean().optional(),
  /** A template that is about one of these is there for the brands that deal in it. */
  trades: z.array(Trade).min(1).default(['orders', 'bookings']),
  /** By locale, the one its numbers, amounts and dates are written in: `{ "ar": "ar-EG-u-nu-latn" }`. */
  formats: z.record(z.string(), z.string()).default({}),
  /** How it addresses people, by locale: `{ "de": "de-x-du" }` takes templates' texts from `locales/de-x-du.json` where they are there. */
  manner: z.record(z.string(), z.string()).default({}),
  /** The mail clients its customers read with: `laurel check` says what these don't support. */
  audience: z
    .array(MailClient)
    .min(1)
    .default(['gmail', 'apple-mail', 'outlook', 'samsung-email', 'yahoo']),
});
export type BrandIdentity = z.infer<typeof BrandIdentity>;

const Scalar = z.union([z.string(), z.number(), z.boolean()]);

/** A right of a tier on a purchase: "Gold: one free checked bag". Its words are the locale key `entitlements.<id>`. */
const Entitlement = z.strictObject({
  id: z.string(),
  /** The benefit type; hidden where the purchase already `includes` it. */
  type: z.string(),
  tiers: z.array(z.string()).min(1),
  appliesTo: z.enum(['order', 'booking']),
  /** Order attributes that must match one of these values. */
  when: z.record(z.string(), z.array(Scalar)).default({}),
});

/**
 * The loyalty programme as data: `templates/brands/<id>/programme.json`, and one further `programme.<name>.json` for each
 * later (or earlier) version of it. docs/programmes.md explains every part.
 */
export const Programme = z.strictObject({
  $schema: z.string().optional(),
  name: z.string(),
  names: Names,
  version: z.string(),
  /** The first day it is in force, in the brand's time zone. The earliest version may lack it. */
  effectiveFrom: LocalDate.optional(),
  currency: z.string(),
  /** Who counts points: the events' `source` says them, or these rules do (`programme`) where an event doesn't. */
  accrual: z.enum(['source', 'programme']).default('source'),
  /** `points` points are worth `amount` minor units of the currency. */
  burn: z.strictObject({
    points: z.int().positive(),
    amount: z.int().positive(),
    /** Fewer points than this can't be redeemed. */
    minimum: z.int().nonnegative(),
  }),
  earn: Earn,
  engagement: z.array(Engagement).default([]),
  pendingUntil: PendingUntil.default('placed'),
  expiry: Expiry.optional(),
  /** What a refund takes back of points that a source counted, where it doesn't say so itself. */
  takeBack: TakeBacks.default('share'),
  /** When more is taken back than she has: she owes it (`owe`), or the rest is written off (`floor`). */
  negative: z.enum(['owe', 'floor']).default('owe'),
  /** Days a thing can be returned: as long, no discount is offered on it. */
  returnWindowDays: z.int().positive(),
  /** By rank, lowest first. */
  tiers: z.array(TierRule).min(1),
  tierPeriod: TierPeriod.default({ kind: 'lifetime' }),
  tierKeep: TierKeep.optional(),
  rewards: z.array(Reward).default([]),
  entitlements: z.array(Entitlement),
  /** A year with fewer purchases gets the small review. */
  reviewMinimumPurchases: z.int().positive(),
  /** At most so many offers in one mail. */
  maxOffers: z.int().positive().default(3),
});
export type Programme = z.infer<typeof Programme>;

/** A brand as rules, blocks and templates see it. */
export type Brand = BrandIdentity & {
  /** Mails that follow from events and states by themselves. */
  readonly triggers?: Triggers;
  /** When commercial mails go, and how many. */
  readonly sending?: Sending;
  /** What members can choose of its mails. */
  readonly preferences?: Preferences;
  /** The one in force. */
  readonly programme: Programme;
  /** All its versions, the earliest first; absent where there is but the one. */
  readonly programmes?: readonly Programme[];
  readonly locales: readonly string[];
};

/** The programme that is in force at an instant: the earliest also applies before it began. */
export function programmeAt(
  { programme, programmes, timeZone }: Pick<Brand, 'programme' | 'programmes' | 'timeZone'>,
  at: number,
): Programme {
  if (!programmes) return programme;
  return (
    programmes.findLast(
      ({ effectiveFrom }) =>
        effectiveFrom !== undefined && startOfDay(effectiveFrom, timeZone) <= at,
    ) ??
    programmes[0] ??
    programme
  );
}

/** The brand with the programme that is in force at an instant. */
export function brandAt<One extends Pick<Brand, 'programme' | 'programmes' | 'timeZone'>>(
  brand: One,
  at: number,
): One {
  const programme = programmeAt(brand, at);
  return programme === brand.programme ? brand : { ...brand, programme };
}

/**
 * The brand a mail shows: with a published version it looks and speaks as it did then. Its programme is always the one in
 * force, for rules and figures must be true when the mail leaves.
 */
export function brandShown(brand: Brand, published: Brand | undefined): Brand {
  if (!published) return brand;
  const { programme, programmes } = brand;
  return { ...published, programme, ...(programmes && { programmes }) };
}
