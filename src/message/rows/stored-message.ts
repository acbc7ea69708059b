import type { After, Message } from '../../contract/message.ts';
import type { Db } from '../../postgres/pool.ts';
import { filedSince } from './filed-since.ts';

/** What is read of `messages` for a `MessageRow`, but for its version. */
export const messageColumns =
  'id, tenant, template, brand, member_id, email, name, locale, data, about, campaign_id, send_at, after, expires_at, accepted_at';

export type MessageRow = {
  readonly id: string;
  readonly tenant: string;
  readonly template: string;
  readonly brand: string;
  readonly member_id: string | null;
  readonly email: string | null;
  readonly name: string | null;
  readonly locale: string | null;
  readonly data: Record<string, unknown>;
  readonly about: string[];
  readonly campaign_id: string | null;
  readonly send_at: Date | null;
  readonly after: After | null;
  readonly expires_at: Date | null;
  readonly accepted_at: Date;
  /** The published version it is made with; null: the templates folder. */
  readonly version: string | null;
};

/** A message as it was accepted, out of its row. */
export function toMessage(row: MessageRow): Message {
  return {
    id: row.id,
    tenant: row.tenant,
    template: row.template,
    brand: row.brand,
    to: {
      ...(row.member_id !== null && { memberId: row.member_id }),
      ...(row.email !== null && { email: row.email }),
      ...(row.name !== null && { name: row.name }),
    },
    ...(row.locale !== null && { locale: row.locale }),
    data: row.data,
    about: row.about,
    ...(row.campaign_id !== null && { campaignId: row.campaign_id }),
    ...(row.send_at !== null && { sendAt: row.send_at }),
    ...(row.after !== null && { after: row.after }),
    ...(row.expires_at !== null && { expiresAt: row.expires_at }),
    acceptedAt: row.accepted_at,
    ...(row.version !== null && { version: row.version }),
  };
}

/** One message of a tenant as it was accepted, whatever became of it; null where there is none such. */
export async function readMessage(db: Db, tenant: string, id: string): Promise<Message | null> {
  const { rows } = await db.query<MessageRow>(
    `select ${messageColumns}, pinned_version as version from messages m where tenant = $1 and id = $2 and ${filedSince('$2')}`,
    [tenant, id],
  );
  return rows[0] ? toMessage(rows[0]) : null;
}
