import type { Brand } from '../brand/brand.ts';
import { dayAt, localAt } from '../core/calendar.ts';
import { PermanentError } from '../core/errors.ts';
import type { BrandOf } from '../ledger/batch.ts';
import type { Db } from '../postgres/pool.ts';
import { readProfiles } from '../profile/ledger.ts';
import { isOfState, noteUnreadable, stateCauses, triggersOf } from './causes.ts';
import { type Cause, noteCauses } from './firings.ts';

/** Members looked at in one transaction. */
const chunk = 500;

/**
 * Looks at the next members whose state may be a cause today, once a day from the brand's hour on. Killed anywhere, it goes on
 * where it was.
 * @param db a transaction
 * @returns how many members were looked at; 0: all were, or it isn't time yet
 */
export async function scanOnce(
  db: Db,
  tenant: string,
  brand: Brand,
  brandOf: BrandOf,
  now: Date,
): Promise<number> {
  if (!triggersOf(brand).some(([, one]) => isOfState(one))) return 0;
  const hour = localAt(now.getTime(), brand.timeZone).time / 3_600_000;
  if (hour < (brand.triggers?.hour ?? 0)) return 0;
  const day = dayAt(now.getTime(), brand.timeZone);
  const upto = await takeScan(db, tenant, brand.id, day);
  if (upto === null) return 0;
  const { rows } = await db.query<{ memberId: string }>({
    name: 'scan-members',
    text: `select member_id as "memberId" from laurel.profiles
      where tenant = $1 and member_id > $2 and brand = $3 and merged_into is null
      order by member_id limit $4`,
    values: [tenant, upto, brand.id, chunk],
  });
  const keys = rows.map(({ memberId }) => ({ tenant, memberId }));
  const readings = await readProfiles(db, now, brandOf, keys);
  const causes: Cause[] = [];
  for (const [index, { memberId }] of keys.entries()) {
    const reading = readings[index];
    if (reading instanceof PermanentError) {
      const of = { tenant, brand: brand.id, memberId, error: reading, now };
      await noteUnreadable(db, of, brand, isOfState);
    } else if (reading?.kind === 'member')
      causes.push(...stateCauses(tenant, reading.profile, brand, now));
  }
  await noteCauses(db, causes);
  await db.query('update trigger_scans set upto = $3, done = $4 where tenant = $1 and brand = $2', [
    tenant,
    brand.id,
    // Nobody's name stays once everybody was looked at.
    rows.length < chunk ? '' : rows.at(-1)?.memberId,
    rows.length < chunk,
  ]);
  return rows.length;
}

/** The member from which to go on, in the hands of this transaction; null where today's look is over or somebody else is at it. */
async function takeScan(
  db: Db,
  tenant: string,
  brand: string,
  day: string,
): Promise<string | null> {
  await db.query(
    `insert into trigger_scans (tenant, brand, day) values ($1, $2, $3)
     on conflict (tenant, brand) do update set day = excluded.day, upto = '', done = false
       where trigger_scans.day < excluded.day`,
    [tenant, brand, day],
  );
  const { rows } = await db.query<{ upto: string }>(
    `select upto from trigger_scans where tenant = $1 and brand = $2 and not done for update skip locked`,
    [tenant, brand],
  );
  return rows[0]?.upto ?? null;
}
