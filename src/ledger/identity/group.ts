/** Of the accounts of `p.root`, what the first that said anything says: her own account, then the older ones. */
const first = (column: string) =>
  `(array_agg(a.${column} order by a.member_id = p.root desc, a.enrolled_at, a.member_id)
     filter (where a.${column} is not null))[1] as ${column}`;

/**
 * The members `$2` of the tenant `$1`, a row each, with the `accounts` that are merged into them. What she said of herself
 * is that of the account she is known by, else of another one of hers; `preferences` has all of them. She is disputed
 * while one of her accounts is, and a member for as long as the longest. The erased are left out. Where `$9` is true, each
 * account is looked at alone.
 */
export const groupedMembers = `
  with recursive parts (root, account) as (
    select member_id, member_id from laurel.members
     where tenant = $1 and member_id = any($2) and status <> 'erased'
    union all
    -- 'offset 0': account by account along the index. A planner without statistics would read all of the tenant's.
    select p.root, m.member_id from parts p cross join lateral (
      select member_id from laurel.members where tenant = $1 and merged_into = p.account offset 0) as m
     where not $9)
  select r.tenant, r.member_id, r.brand, r.membership_number, r.ledger_version,
         r.status <> 'unregistered' as registered,
         case when g.disputed then 'disputed' when r.status = 'unregistered' then 'active' else r.status end as status,
         coalesce(g.member_since, r.enrolled_at) as enrolled_at, g.as_of, g.accounts,
         -- While it is in doubt whose account it is, her mail goes to no other one's address.
         case when g.disputed then r.email else g.email end as email, g.first_name, g.last_name, g.locale, g.time_zone, g.birthday, g.mail_frequency, g.preferences
    from laurel.members r
    join (
      select p.root, array_agg(p.account) as accounts, max(a.as_of) as as_of, bool_or(a.disputes <> '[]') as disputed,
             min(a.enrolled_at) filter (where a.status <> 'unregistered') as member_since,
             ${['email', 'first_name', 'last_name', 'locale', 'time_zone', 'birthday', 'mail_frequency'].map(first).join(',\n             ')},
             coalesce(jsonb_agg(a.preferences order by a.member_id) filter (where a.preferences is not null), '[]')
               as preferences
        from parts p cross join lateral (
          select * from laurel.members where tenant = $1 and member_id = p.account offset 0) as a
       group by p.root) as g on g.root = r.member_id
   where r.tenant = $1 and r.member_id = any($2)`;
