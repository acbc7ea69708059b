import type { Suppression } from '../../contract/facts.ts';
import type { After, Lane, MessageState } from '../../contract/message.ts';
import { type Column, column, defineTable, nullable } from '../../postgres/table.ts';

/**
 * The schema by which a message's data parses to itself, see `core/schema-fingerprint.ts`; null where nobody looked, or it doesn't.
 * Stored with what the data was then: of data that was changed since it names no schema there is.
 */
const fingerprint: Column<string> = {
  ...column.text(),
  type: 'bigint',
  read: (name) => `(${withData(name, name.replace(/parsed_by$/, 'data'))})::text`,
};
/** Either way: with the data's digest, and without. */
export const withData = (parsedBy: string, data: string): string =>
  `${parsedBy} # jsonb_hash_extended(${data}, 0)`;

/** Acceptance goes by the database's clock, its end by that of the worker who saw it: nothing ended before it began. */
export const endedAt = (name: string): string =>
  `case when ${name} is not null then greatest(${name}, accepted_at) end`;

/** Messages in every state; what isn't finished for good lies in its partition `messages_open`. */
export const messages = defineTable('messages', {
  id: column.uuid(),
  tenant: column.text(),
  idempotencyKey: nullable(column.text()),
  requestHash: column.text(),
  lane: column.text<Lane>(),
  template: column.text(),
  brand: column.text(),
  memberId: nullable(column.text()),
  email: nullable(column.text()),
  name: nullable(column.text()),
  locale: nullable(column.text()),
  data: column.jsonb<Readonly<Record<string, unknown>>>(),
  parsedBy: nullable(fingerprint),
  about: column.textArray(),
  campaignId: nullable(column.uuid()),
  sendAt: nullable(column.timestamp()),
  after: nullable(column.jsonb<After>()),
  expiresAt: nullable(column.timestamp()),
  state: column.text<MessageState>(),
  reason: nullable(column.text()),
  error: nullable(column.text()),
  acceptedAt: column.timestamp(),
  nextAt: column.timestamp(),
  finishedAt: nullable({ ...column.timestamp(), read: endedAt }),
  tries: column.integer(),
  claims: column.integer(),
  unknownOutcomes: column.integer(),
  token: nullable(column.uuid()),
  sentTo: nullable(column.text()),
  transport: nullable(column.text()),
  response: nullable(column.text()),
  /** What it was made with: 64 digits where that was a published version, 16 where it was the templates folder. */
  templateVersion: nullable(column.text()),
  /** The published version it keeps, whatever is live. */
  pinnedVersion: nullable(column.text()),
  /** See `stored-decision.ts`: of what ended for good most of it is packed, and its data with it. */
  decision: nullable(column.jsonb<unknown>()),
  decided: nullable(column.text()),
  packedData: nullable(column.bytea()),
  packedDecision: nullable(column.bytea()),
  ledgerVersion: nullable(column.bigint()),
  /** When what it said and to whom was removed: she was erased, or it is old. */
  emptiedAt: nullable(column.timestamp()),
  /** Where its acceptance is traced. */
  trace: nullable(column.text()),
});

/** Keys outlive their messages. */
export const messageKeys = defineTable('message_keys', {
  tenant: column.text(),
  key: column.text(),
  messageId: column.uuid(),
  requestHash: column.text(),
});

/** Addresses that may not be mailed. */
export const suppressions = defineTable('suppressions', {
  tenant: column.text(),
  addressHash: column.text(),
  scope: column.text<Suppression['scope']>(),
  reason: column.text<Suppression['reason']>(),
  /** Null where only its hash may be kept. */
  address: nullable(column.text()),
  suppressedAt: column.timestamp(),
  source: column.text(),
  countsFrom: column.timestamp(),
  refusedMessage: nullable(column.uuid()),
});
