import { z } from 'zod';

import { programmeAt } from '../brand/brand.ts';
import type { Profile, ProfileReading } from '../contract/profile.ts';
import { canonicalAddress } from '../core/address.ts';
import { PermanentError } from '../core/errors.ts';
import { schemaFingerprint } from '../core/schema-fingerprint.ts';
import type { BrandOf } from '../ledger/batch.ts';
import type { Distribution } from '../ledger/figures/percentiles.ts';
import { projectRows } from '../ledger/project.ts';
import { Row } from '../ledger/row.ts';
import type { Db } from '../postgres/pool.ts';
import { profileAt } from './as-of.ts';

/** Who is looked up: a member, an address, or a member at an address that has to be hers. */
export type ProfileKey = {
  readonly tenant: string;
  readonly memberId?: string;
  readonly email?: string;
};

/** What is stored of somebody who was looked up: everything `readingOf` needs to say how she is, at any later instant too. */
export type Found = {
  readonly memberId: string | null;
  /** The member this address belongs to, under whichever of her accounts; null where it is nobody's, or none was given. */
  readonly owner: string | null;
  readonly document: unknown;
  /** As it was written, by code with the same schema. */
  readonly sealed: boolean | null;
  /** The address of the account itself that was asked for. */
  readonly ownEmail: string | null;
  /** How spending is distributed over the brand's members, where it was counted. */
  readonly spending: Distribution | null;
};

/** Somebody as of an instant of their own: the one their mail is decided at. */
export type DatedKey = ProfileKey & { readonly now: Date };

/** Everyone as of one instant, see `readProfilesAsOf`. */
export const readProfiles = (
  db: Db,
  now: Date,
  brandOf: BrandOf,
  keys: readonly ProfileKey[],
): Promise<(ProfileReading | PermanentError)[]> =>
  readProfilesAsOf(
    db,
    brandOf,
    keys.map((key) => ({ ...key, now })),
  );

/**
 * Looks up everyone in one statement, each as of their `now`, in the order of the keys. A stored row that isn't a profile
 * (garbage, another member's, a brand that is no longer configured) is a `PermanentError` in its place, never a wrong
 * number, and doesn't keep the others from being read.
 * @throws database errors as they are: the whole batch can be tried again.
 */
export async function readProfilesAsOf(
  db: Db,
  brandOf: BrandOf,
  keys: readonly DatedKey[],
): Promise<(ProfileReading | PermanentError)[]> {
  const rows = await findProfiles(db, keys);
  return Promise.all(
    keys.map(async (key, index) => {
      const found = rows[index];
      if (!found) throw new RangeError('a key without a row');
      const { now } = key;
      const reading = readingOf(now, brandOf, key, found);
      if (reading !== 'out-of-date') return reading;
      const afresh = await countedAfresh(db, now, brandOf, key, found);
      return readingAfresh(now, brandOf, key, afresh);
    }),
  );
}

/** Finds what is stored of everyone in one statement, in the order of the keys. */
export async function findProfiles(db: Db, keys: readonly ProfileKey[]): Promise<Found[]> {
  if (keys.length === 0) return [];
  const { rows } = await db.query<Found>({
    name: 'profiles-read',
    // An account that was merged into another leads to that one: whatever was told of it is hers.
    text: `select p.member_id as "memberId", coalesce(o.merged_into, i.member_id) as owner, p.document,
                  p.document_seal = jsonb_hash_extended(p.document, $4) as sealed, a.document ->> 'email' as "ownEmail",
                  q.spending
             from unnest($1::text[], $2::text[], $3::text[]) with ordinality as k (tenant, member_id, email, n)
             left join laurel.identities i on i.tenant = k.tenant and i.kind = 'email' and i.canonical = k.email
             left join laurel.profiles o on o.tenant = k.tenant and o.member_id = i.member_id
             left join laurel.profiles a on a.tenant = k.tenant and a.member_id = k.member_id
             left join laurel.profiles p
               on p.tenant = k.tenant
              and p.member_id = case when k.member_id is null then coalesce(o.merged_into, i.member_id)
                                     else coalesce(a.merged_into, k.member_id) end
             left join lateral (
               select jsonb_build_object('quantiles', quantiles, 'members', members,
                        'computedAt', (extract(epoch from computed_at) * 1000)::bigint) as spending
                 from laurel.spend_quantiles where tenant = k.tenant and brand = p.brand) as q on true
            order by n`,
    values: [
      keys.map(({ tenant }) => tenant),
      keys.map(({ memberId }) => memberId ?? null),
      keys.map(({ email }) => (email === undefined ? null : canonicalAddress(email))),
      schemaFingerprint(Row),
    ],
  });
  return rows;
}

/** How somebody is at `now`, by what was found of her. Pure. `out-of-date`: so much has lapsed since that it has to be counted afresh. */
export function readingOf(
  now: Date,
  brandOf: BrandOf,
  key: ProfileKey,
  { memberId, owner, document, sealed, ownEmail, spending }: Found,
): ProfileReading | PermanentError | 'out-of-date' {
  if (memberId === null || isUnregistered(document))
    return {
      kind: 'guest',
      why: key.memberId === undefined ? 'unknown-address' : 'unknown-member',
    };
  if (isErased(document)) return { kind: 'erased' };
  if (key.email !== undefined && owner !== memberId)
    return { kind: 'guest', why: 'address-not-linked' };
  const row = rowIn(document, sealed);
  if ('why' in row) return badProfile(memberId, row.why);
  if (row.memberId !== memberId) return badProfile(memberId, "its row is another member's");
  const brand = brandOf(row.brand);
  if (!brand) return badProfile(memberId, `brand "${row.brand}" is not configured`);
  const profile = readAt(row, now, brand, spending);
  return profile
    ? { kind: 'member', profile: atOwnAddress(profile, key, ownEmail) }
    : 'out-of-date';
}

/** What is as this schema's code wrote it parses to itself, which is a fifth of what making a mail costs; all else is looked at. */
function rowIn(document: unknown, sealed: boolean | null): Row | { readonly why: string } {
  if (isSealed(document, sealed)) return document;
  const { data, error } = Row.safeParse(document);
  return data ?? { why: `its row is not a profile: ${z.prettifyError(error)}` };
}

const isSealed = (_document: unknown, sealed: boolean | null): _document is Row => sealed === true;

const readAt = (
  row: Row,
  now: Date,
  brand: NonNullable<ReturnType<BrandOf>>,
  spending: Distribution | null,
) => profileAt(row, now, programmeAt(brand, now.getTime()), brand.timeZone, spending);

/** An identity's account that nobody has registered: what it comes to is nobody's yet. */
const isUnregistered = (document: unknown) =>
  typeof document === 'object' && document !== null && 'unregistered' in document;

const isErased = (document: unknown) =>
  typeof document === 'object' && document !== null && 'erased' in document;

/** Where it is in doubt whether two accounts are one person, neither's mail goes to the other's address. */
const atOwnAddress = (profile: Profile, key: ProfileKey, ownEmail: string | null): Profile =>
  profile.memberStatus === 'disputed' && key.memberId !== undefined
    ? { ...profile, email: ownEmail }
    : profile;

/** For the few of whom more dates have passed than their row lists: her row as of `now`, and all else as it was found. */
export async function countedAfresh(
  db: Db,
  now: Date,
  brandOf: BrandOf,
  { tenant }: ProfileKey,
  found: Found,
): Promise<Found> {
  const [row] = await projectRows(db, tenant, [found.memberId ?? ''], brandOf, now);
  return { ...found, document: row ?? null, sealed: null };
}

function readingAfresh(
  now: Date,
  brandOf: BrandOf,
  key: ProfileKey,
  found: Found,
): ProfileReading | PermanentError {
  const reading = found.document === null ? 'out-of-date' : readingOf(now, brandOf, key, found);
  return reading === 'out-of-date'
    ? badProfile(found.memberId ?? '', 'its row has no ledger behind it')
    : reading;
}

const badProfile = (memberId: string, why: string) =>
  new PermanentError('bad-profile', `the profile of member ${memberId} cannot be used: ${why}`);
