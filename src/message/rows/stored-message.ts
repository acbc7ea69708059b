import type { Message } from '../../contract/message.ts';
import type { Db } from '../../postgres/pool.ts';
import { only, type Row, selected } from '../../postgres/table.ts';
import { unpacked } from '../packing/dictionaries.ts';
import { filedSince } from './filed-since.ts';
import { messages } from './tables.ts';

/** What is read of `messages` for a `MessageRow`, but for its version. */
export const asAccepted = only(
  messages,
  'id, tenant, template, brand, memberId, email, name, locale, data, parsedBy, about, campaignId, sendAt, after, expiresAt, acceptedAt',
);

export type MessageRow = Readonly<Row<typeof asAccepted>> & {
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
      ...(row.memberId !== null && { memberId: row.memberId }),
      ...(row.email !== null && { email: row.email }),
      ...(row.name !== null && { name: row.name }),
    },
    ...(row.locale !== null && { locale: row.locale }),
    data: row.data,
    ...(row.parsedBy !== null && { parsedBy: row.parsedBy }),
    about: row.about,
    ...(row.campaignId !== null && { campaignId: row.campaignId }),
    ...(row.sendAt !== null && { sendAt: row.sendAt }),
    ...(row.after !== null && { after: row.after }),
    ...(row.expiresAt !== null && { expiresAt: row.expiresAt }),
    acceptedAt: row.acceptedAt,
    ...(row.version !== null && { version: row.version }),
  };
}

/** What a row of `messages` keeps of what it was made from. */
export type Packed = { readonly data: MessageRow['data']; readonly packedData: Buffer | null };

/** What a message was made from, wherever that is. */
export const dataOf = async (db: Db, { data, packedData }: Packed): Promise<MessageRow['data']> =>
  packedData === null ? data : JSON.parse(await unpacked(db, packedData));

/** One message of a tenant as it was accepted, whatever became of it; null where there is none such. */
export async function readMessage(db: Db, tenant: string, id: string): Promise<Message | null> {
  const { rows } = await db.query<MessageRow & Packed>(
    `select ${selected(asAccepted)}, packed_data as "packedData", pinned_version as version from messages m where tenant = $1 and id = $2 and ${filedSince('$2')}`,
    [tenant, id],
  );
  const [row] = rows;
  if (!row) return null;
  // It is parsed again: what says how it was parsed isn't kept.
  const parsedBy = row.packedData === null ? row.parsedBy : null;
  return toMessage({ ...row, parsedBy, data: await dataOf(db, row) });
}
