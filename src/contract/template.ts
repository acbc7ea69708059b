import type { z } from 'zod';

import type { Brand, BrandIdentity, Trade } from '../brand/brand.ts';
import type { Direction } from '../brand/direction.ts';
import type { Finding } from './decision.ts';
import type { Attachment, PreEncodedHtml } from './email.ts';
import type { Freshness } from './freshness.ts';
import type { LinkedData } from './linked-data.ts';
import type { Order } from './order.ts';
import type { Profile } from './profile.ts';

/** What a satisfied message looked at: `undefined` while it still has something to say. */
export type Satisfied = Finding | undefined;

type Data = Record<string, unknown>;

/**
 * Whom a mail is about something for: anybody, guests included; a member, whether active or suspended; a member whose
 * account is in order.
 */
export type Audience = 'anybody' | 'member' | 'member-in-good-standing';

/** What looks of blocks are given, by the block's name. */
export type Views = Readonly<Record<string, z.ZodType>>;

/**
 * What its author says of a template, in `templates/<name>/template.ts`. How it looks is beside it: `body.mjml`, `body.html`
 * or `body.tsx`, `text.hbs`, and its words in `locales/<locale>.json` (ICU; at least `subject` and `preheader`).
 */
export type TemplateDefinition<
  Schema extends z.ZodType<Data> = z.ZodType<Data>,
  Block extends string = string,
> = {
  /** The folder's name; what producers write. */
  readonly name: string;
  /** For people: "Order confirmation". */
  readonly title: string;
  /** Transactional always goes unless address or subject forbid it; commercial needs marketing consent. */
  readonly class: 'transactional' | 'commercial';
  /** Whom it is for: to others it isn't sent, for that reason. Left out: anybody. */
  readonly for?: Audience;
  /** Left out: for every brand. Else only for those that deal in it, by `trades` in their `brand.json`. */
  readonly trade?: Trade;
  readonly schema: Schema;
  /** Blocks it places, in their order in the mail. */
  readonly blocks: readonly Block[];
  /** How old what a block shows may be in this mail, by the block's name; the block's own word where left out. */
  readonly freshness?: Readonly<Partial<Record<NoInfer<Block>, Freshness>>>;
  /** Arguments for the ICU texts `subject` and `preheader`, beside `name` (first name or empty). No promotion in here. */
  headline(data: z.output<Schema>): Record<string, string | number | Date>;
  /**
   * Names in its data that the brand's own words may say in the mail's language, by the text's key:
   * `{ name: 'bonuses.advent-50' }`. One they don't say stays as it was written.
   */
  names?(data: z.output<Schema>): Readonly<Record<string, string>>;
  /** What a message of this template is about; cancelling a subject stops it. */
  about?(data: z.output<Schema>): readonly string[];
  /** The purchase in its data, for points banner, entitlements and just-bought. */
  order?(data: z.output<Schema>): Order;
  /** The bonus in its data, if there is one. */
  bonusId?(data: z.output<Schema>): string | undefined;
  /** The one offer it is about: no other is looked at. */
  offerId?(data: z.output<Schema>): string;
  /** The reward it is about; the latest, where it is about none. */
  rewardId?(data: z.output<Schema>): string | undefined;
  /** The day until which it is about points that lapse: all of them are told then, day by day. */
  lapsesBy?(data: z.output<Schema>): string;
  /** Blocks without which a commercial mail has nothing to say: where one is hidden, it isn't sent, for that block's reason. */
  readonly needs?: readonly NoInfer<Block>[];
  /** Says when the message has become pointless: the bonus it reminds of is used. */
  satisfied?(data: z.output<Schema>, profile: Profile, brand: Brand): Satisfied;
  /** What the mail says in schema.org's words, for mail clients that make cards of it. Stands in the html's head. */
  linkedData?(data: z.output<Schema>, brand: Brand): readonly LinkedData[];
  /**
   * Its body was made elsewhere: in `body.mjml` what does no harm is let pass with a note, and fonts from elsewhere are left
   * out; addresses of a `body.tsx` needn't be written with `link(…)`, they are looked at in each finished mail.
   */
  readonly lenient?: boolean;
  /** After a crash mid-hand-over: send again with the same Message-ID, or put aside for a person. */
  readonly onUnknown: 'resend' | 'quarantine';
};

/** A template's definition together with what the blocks it places show; made by `defineTemplate`. */
export type Template<
  Schema extends z.ZodType<Data> = z.ZodType<Data>,
  Shown extends Views = Views,
> = TemplateDefinition<Schema, keyof Shown & string> & {
  /** At least of the blocks it places. */
  readonly views: Shown;
};

/** Whether a brand has a template: one about journeys is of no use to a coffee chain. Of what isn't known, everything. */
export const isFor = (
  { trade }: Pick<Template, 'trade'>,
  { trades }: Partial<Pick<BrandIdentity, 'trades'>>,
): boolean => trade === undefined || trades === undefined || trades.includes(trade);

/** What a template is given: decided, typed values. It never sees a profile. */
export type View = {
  readonly brand: Brand;
  readonly locale: string;
  readonly dir: Direction;
  /** When the mail is made: what `relative` times are told from. */
  readonly now: Date;
  /** Null for guests. */
  readonly member: { readonly firstName: string | null } | null;
  readonly data: Readonly<Record<string, unknown>>;
  /** Only blocks that are shown, by name in camel case: `pointsBanner`. */
  readonly blocks: Readonly<Record<string, unknown>>;
  /** Null where the mail has none: `preferences` is for what is commercial and goes to a member. */
  readonly links: { readonly unsubscribe: string | null; readonly preferences: string | null };
};

export type Rendered = {
  readonly subject: string;
  readonly preheader: string;
  readonly html: string;
  /** The same html, most of it encoded already, where the engine makes it so; whoever uses this leaves `html` alone, which is put together when asked for. */
  readonly preEncoded?: PreEncodedHtml;
  readonly text: string;
  /** The pictures its html shows. */
  readonly attachments?: readonly Attachment[];
};

/** A template compiled for one brand and locale. */
export type CompiledTemplate = {
  readonly definition: Template;
  /**
   * Content hash of everything that shapes it: 16 digits of body, blocks, brand and locale where it comes from the templates
   * folder, the 64 of the whole version where it was published.
   */
  readonly version: string;
  readonly locale: string;
  /** What its body is: `react` is a program of somebody's, which may never end. */
  readonly engine: 'mjml' | 'html' | 'react';
  readonly render: (view: View) => Rendered;
  /** Of a published version. */
  readonly published?: {
    /** Its looks and words by path within the templates folder. */
    readonly files: ReadonlyMap<string, string>;
    /** The brand as it looked and spoke then. */
    readonly brand: Brand;
    /** The template's code, by file (and `view`), that isn't what the version was made for. */
    readonly otherCode: readonly string[];
  };
};

/** What a mail is made of: a template, compiled, and what it is given. */
export type RenderInput = { readonly compiled: CompiledTemplate; readonly view: View };
