import type { Brand } from '../brand/brand.ts';
import type { Template } from '../contract/template.ts';
import { yearFiguresParameters, yearFiguresSelect } from '../ledger/figures/year-figures.ts';
import { filedSince } from '../message/rows/filed-since.ts';
import type { Db } from '../postgres/pool.ts';
import { isAlternative } from './assign.ts';
import type { Campaign } from './campaigns.ts';
import type { Chosen } from './chosen.ts';
import { messageIdOf } from './message-id.ts';
import type { SkipReason } from './skipped.ts';

/** Whom messages are made for, and of what. */
export type Making = {
  readonly campaign: Campaign;
  readonly brand: Brand;
  readonly template: Template;
  /** Of those who get the alternative; the same where there is none. */
  readonly other: Template;
  readonly chosen: readonly Chosen[];
};

/** A query of `(member_id, data, about)`, of which `$1` is the tenant and `$2` the brand. */
type Source = { readonly text: string; readonly values: readonly unknown[] };

/**
 * One message for each of these members; one that is already there stays as it is. Whom the campaign passes over gets a
 * message that ends with that reason, and says nothing. None is made where another account of the person has its message from
 * before they were merged.
 */
export async function makeMessages(
  db: Db,
  making: Making,
  skips: ReadonlyMap<string, SkipReason>,
): Promise<void> {
  const { campaign, chosen } = making;
  if (chosen.length === 0) return;
  const { text, values } = sourceOf(making);
  const [id = '', template, version, passedOver, others, otherTemplate, otherVersion] = [
    1, 2, 3, 4, 5, 6, 7,
  ].map((n) => `$${values.length + n}`);
  const messageId = (memberId: string) => messageIdOf(`${id}::uuid`, memberId);
  await db.query(
    `with made as (
     insert into messages_open (id, tenant, request_hash, lane, template, brand, member_id, data, about, campaign_id, pinned_version,
       state, reason, finished_at, next_at)
     select ${messageId('made.member_id')}, $1, '', 'campaign',
       case when made.member_id = any(${others}::text[]) then ${otherTemplate}::text else ${template}::text end, $2, made.member_id,
       case when skip.reason is null then made.data else '{}' end,
       case when skip.reason is null then made.about else '{}' end, ${id}::uuid,
       case when made.member_id = any(${others}::text[]) then ${otherVersion}::text else ${version}::text end,
       case when skip.reason is null then 'queued' else 'suppressed' end, skip.reason,
       case when skip.reason is not null then now() end, now()
     from (select set_config('laurel.counted', 'on', true)) as counting, (${text}) as made
     left join jsonb_each_text(${passedOver}) as skip (member_id, reason) on skip.member_id = made.member_id
     where (
       select count(*) from laurel.profiles p join laurel.messages m on m.id = ${messageId('p.member_id')} and ${filedSince(id)}
        where p.tenant = $1 and p.merged_into = made.member_id) = 0
       -- Those that wait conflict.
       and not exists (select from laurel.messages m where m.id = ${messageId('made.member_id')} and m.filed_at is not null and ${filedSince(id)})
     on conflict do nothing returning campaign_id, state, reason)
     insert into campaign_moves (campaign_id, new_state, new_reason, n)
     select campaign_id, state, reason, count(*) from made group by 1, 2, 3`,
    [
      ...values,
      campaign.id,
      campaign.template,
      campaign.pinnedVersion,
      JSON.stringify(Object.fromEntries(skips)),
      chosen.flatMap(({ memberId }) => (isAlternative(campaign, memberId) ? [memberId] : [])),
      campaign.alternative?.template ?? null,
      campaign.alternative?.pinnedVersion ?? null,
    ],
  );
}

function sourceOf({ campaign, brand, template, other, chosen }: Making): Source {
  const { tenant, parameters } = campaign;
  if ('year' in parameters) {
    const of = {
      tenant,
      brand: campaign.brand,
      year: parameters.year,
      timeZone: brand.timeZone,
      currency: brand.programme.currency,
      locale: brand.defaultLocale,
    };
    return {
      text: `select member_id, jsonb_build_object('figures', figures) as data, '{}'::text[] as about
        from (${yearFiguresSelect}) as figured`,
      values: yearFiguresParameters(
        of,
        chosen.map(({ memberId }) => memberId),
      ),
    };
  }
  const rows = chosen.map((one) => {
    const data = { ...parameters.data, ...one.data };
    return {
      member_id: one.memberId,
      data,
      about: subjectsOf(isAlternative(campaign, one.memberId) ? other : template, data),
    };
  });
  return {
    text: `select * from jsonb_to_recordset($3) as given (member_id text, data jsonb, about text[])`,
    values: [tenant, campaign.brand, JSON.stringify(rows)],
  };
}

/** What a message is about; nothing where its data no longer fits its template, which is told when it is sent. */
export function subjectsOf(template: Template, data: unknown): readonly string[] {
  if (!template.about) return [];
  const parsed = template.schema.safeParse(data);
  return parsed.success ? [...new Set(template.about(parsed.data))] : [];
}
