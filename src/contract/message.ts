import { z } from 'zod';

import { Instant } from '../core/instant.ts';
import { isLocale } from '../core/locale.ts';
import { WantedVersion } from './template-version.ts';

/** Plain text a person or system named something with: no control characters, no lone surrogates. */
const clean = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine(
      (text) => !/[\p{Cc}\p{Cs}]/u.test(text),
      'contains control characters or broken Unicode',
    );

export const MemberId = clean(128);
export const IdempotencyKey = clean(255);
/** What campaigns are named by of which a member gets one mail. */
export const GroupName = clean(100);

/** What a message is about, such as `order:1001`, `trip:K7PQ2M` or `bonus:spring-500`. Cancelling it stops the message. */
export const SubjectRef = clean(200).regex(
  /^[a-z][a-z-]*:\S+$/,
  'must be a kind and an id such as order:1001',
);

/** Who the mail is for: a member, an address, or a member at the address given with the order. */
const Recipient = z
  .strictObject({
    memberId: MemberId.optional(),
    email: clean(320).optional(),
    name: clean(120)
      .refine((name) => !/[<>@]/.test(name), 'must be a name, not an address')
      .optional(),
  })
  .refine(
    (to) => to.memberId !== undefined || to.email !== undefined,
    'needs a memberId, an email, or both',
  );

/** How long a message may wait for what it must see, when it doesn't say so itself. */
export const longestWaitSeconds = 3_600;

/**
 * What must be in the profile before the mail is made: an event of the ledger, or a version of it. The message is held until
 * then, `waitSeconds` at most; after that it goes out and says that the points are being added.
 */
const AfterRequest = z
  .strictObject({
    /** The event's own `source` and `id`. */
    source: clean(100).optional(),
    eventId: clean(200).optional(),
    /** The member's ledger version, as applying an event answers it. */
    ledgerVersion: z.int().positive().optional(),
    waitSeconds: z.int().nonnegative().max(longestWaitSeconds).optional(),
  })
  .superRefine(({ source, eventId, ledgerVersion }, context) => {
    const needs = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (source === undefined && eventId === undefined && ledgerVersion === undefined)
      needs('eventId', 'is needed with its source, or a ledgerVersion instead');
    else if (source !== undefined && eventId === undefined) needs('eventId', 'is needed as well');
    else if (eventId !== undefined && source === undefined) needs('source', 'is needed as well');
    else if (eventId !== undefined && ledgerVersion !== undefined)
      needs('ledgerVersion', 'must be left out where an event is named');
  });

/** What a producer hands in. It names things; the profile is fetched when the mail is sent. */
export const MessageRequest = z.strictObject({
  /** A registered template, e.g. `order-confirmation`. */
  template: clean(100),
  to: Recipient,
  /** Checked against the template's own schema when the message is accepted. */
  data: z.record(z.string(), z.unknown()).default({}),
  /** A brand of this installation; the only one, or the configured default, when left out. */
  brand: clean(64).optional(),
  /** BCP 47; the member's own locale when left out. */
  locale: clean(35).refine(isLocale, 'must be a language tag such as de-AT').optional(),
  /** Further subjects besides those the template derives from its data. */
  about: z.array(SubjectRef).max(10).optional(),
  /** Not before this instant. Decided with the profile of then, not of now. */
  sendAt: Instant.optional(),
  /** Read your writes: the event, such as this very purchase, that the mail must already know of. */
  after: AfterRequest.optional(),
  /** Not after this instant: a late mail of this kind is worse than none. */
  expiresAt: Instant.optional(),
  /** Keep the version of the template that is live now (`accepted`), or one by its hash; `live`, when left out. */
  templateVersion: WantedVersion.optional(),
  /** The same key with the same body is the same message, for as long as the message is kept. */
  idempotencyKey: IdempotencyKey.optional(),
});
export type MessageRequest = z.input<typeof MessageRequest>;

/** What a message waits for, as it is stored. */
export type After = (
  | { readonly source: string; readonly eventId: string }
  | { readonly ledgerVersion: number }
) & { readonly waitSeconds?: number };

export type Lane = 'transactional' | 'campaign';

/** An accepted message as the worker claims it: checked, with its id, waiting for the profile of the moment. */
export type Message = {
  readonly id: string;
  readonly tenant: string;
  readonly template: string;
  readonly brand: string;
  readonly to: { readonly memberId?: string; readonly email?: string; readonly name?: string };
  readonly locale?: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** The schema, by its fingerprint, that the data was found to parse to itself by. */
  readonly parsedBy?: string;
  readonly about: readonly string[];
  readonly campaignId?: string;
  readonly sendAt?: Date;
  readonly after?: After;
  readonly expiresAt?: Date;
  readonly acceptedAt: Date;
  /** The published version it is made with: the one it keeps, else what was live when it was claimed. Absent: the templates folder. */
  readonly version?: string;
};

/** Every state of a message row. The last five are final. */
export const messageStates = [
  'queued',
  'held',
  'sending',
  'sent',
  'suppressed',
  'failed',
  'quarantined',
  'cancelled',
] as const;
export type MessageState = (typeof messageStates)[number];
