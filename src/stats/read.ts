import { messageStates } from '../contract/message.ts';
import { groupBy } from '../core/group-by.ts';
import type { Db } from '../postgres/pool.ts';
import type { Row } from '../postgres/table.ts';
import { type Figures, figuresOf } from './figures.ts';
import { countColumns, countedOf, type mailStats } from './tables.ts';

export const groupings = ['template', 'trigger', 'campaign'] as const;
/** What figures are added up by. */
export type Grouping = (typeof groupings)[number];

export type StatsQuery = {
  readonly by: Grouping;
  /** 30 days ago, where it is left out. */
  readonly since?: Date | undefined;
  /** Now, by the database's clock, which is that of `accepted_at`. */
  readonly before?: Date | undefined;
  readonly brand?: string | undefined;
  /** Of one template, trigger or campaign alone. */
  readonly name?: string | undefined;
};

export type StatsLine = {
  readonly brand: string;
  /** The template's or trigger's name, the campaign's id. */
  readonly name: string;
  /** What it sends; null where those are several. */
  readonly template: string | null;
  readonly figures: Figures;
};

export type Stats = {
  readonly by: Grouping;
  /** Whole hours: figures are kept by the hour in which messages were accepted. */
  readonly since: Date;
  readonly before: Date;
  readonly lines: readonly StatsLine[];
};

/** Open hours with more messages than this are read as they were last counted, the others are counted now. */
const mostCounted = 20_000;

type Found = Pick<Row<typeof mailStats>, 'brand' | 'template' | 'what' | 'reason' | 'n'> & {
  readonly name: string;
};

/** What became of the messages that were accepted in a time, by template, trigger or campaign; the largest first. */
export async function readStats(db: Db, tenant: string, query: StatsQuery): Promise<Stats> {
  const { by } = query;
  const { since, before } = await wholeHours(db, query);
  const { rows } = await db.query<Found>({
    name: `read-stats-by-${by}`,
    text: `
      with now_counted as (
        select tenant, greatest(hour, $2) as hour, least(hour + interval '1 hour', $3) as until from mail_stat_hours
         where tenant = $1 and due_at is not null and messages <= $7 and hour >= $2 and hour < $3
        union all
        -- What was accepted since hours were last looked at.
        select $1, greatest($2, coalesce((select max(hour) + interval '1 hour' from mail_stat_hours where tenant = $1), '-infinity')), $3
      ), found as (
        select * from (${countedOf('now_counted')}) as fresh
        union all
        select ${countColumns} from mail_stats s
         where s.tenant = $1 and s.hour >= $2 and s.hour < $3
           and (s.what <> all($6) or not exists (select from now_counted c where c.hour = s.hour)))
      select brand, template, ${by} as name, what, reason, sum(n)::float8 as n from found
      where ${by} <> '' and ($4::text is null or brand = $4) and ($5::text is null or ${by} = $5)
      group by 1, 2, 3, 4, 5`,
    values: [
      tenant,
      since,
      before,
      query.brand ?? null,
      query.name ?? null,
      messageStates,
      mostCounted,
    ],
  });
  const groups = groupBy(rows, ({ brand, name }) => `${brand}\n${name}`);
  const lines = [...groups.values()].flatMap((group): StatsLine[] => {
    const [first] = group;
    if (!first) return [];
    const templates = new Set(group.map(({ template }) => template));
    const template = templates.size === 1 ? first.template : null;
    return [{ brand: first.brand, name: first.name, template, figures: figuresOf(group) }];
  });
  return {
    by,
    since,
    before,
    lines: lines.toSorted(
      (a, b) => b.figures.accepted - a.figures.accepted || (a.name < b.name ? -1 : 1),
    ),
  };
}

async function wholeHours(
  db: Db,
  { since, before }: Pick<StatsQuery, 'since' | 'before'>,
): Promise<{ readonly since: Date; readonly before: Date }> {
  const { rows } = await db.query<{ since: Date; before: Date }>({
    name: 'stat-hours',
    text: `
      select date_trunc('hour', coalesce($1::timestamptz, now() - interval '30 days'), 'UTC') as since,
        date_trunc('hour', coalesce($2::timestamptz, now()) + interval '1 hour' - interval '1 microsecond', 'UTC') as before`,
    values: [since ?? null, before ?? null],
  });
  const [hours] = rows;
  if (!hours) throw new Error('the database told no time');
  return hours;
}
