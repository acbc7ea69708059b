import type { Brand } from '../brand/brand.ts';
import type { Trigger } from '../brand/triggers.ts';
import type { Template } from '../contract/template.ts';
import { problemsOf } from '../core/problems.ts';
import type { Db } from '../postgres/pool.ts';
import { type Facts, filled, holds } from './facts.ts';

/** What a trigger would have sent. */
export type DryRun = {
  /** Events of its type. */
  readonly events: number;
  readonly members: number;
  /** Those that pass its conditions. */
  readonly causes: number;
  /** Told so late that it would have been skipped. */
  readonly tooLate: number;
  /** Whose data the template refuses, by what is wrong. */
  readonly badData: ReadonlyMap<string, number>;
  readonly wouldSend: number;
  /** Data of the newest ones. */
  readonly examples: readonly { readonly memberId: string; readonly data: unknown }[];
};

type Told = {
  readonly memberId: string;
  readonly at: Date;
  readonly appliedAt: Date;
  readonly event: Facts | null;
};

/** Of the last event read: its time to the microsecond, which a Date hasn't got. */
type Place = { readonly exactly: string; readonly source: string; readonly id: string };

/** Events read at a time. */
const chunk = 2_000;

/** What a trigger of an event would have sent since an instant; changes nothing, decides nothing about members. */
export async function dryRun(
  db: Db,
  tenant: string,
  brand: Pick<Brand, 'id'>,
  trigger: Trigger,
  template: Pick<Template, 'schema'>,
  since: Date,
): Promise<DryRun> {
  const type = 'event' in trigger.on ? trigger.on.event : '';
  const badData = new Map<string, number>();
  const members = new Set<string>();
  const examples: { memberId: string; data: unknown }[] = [];
  let [events, causes, tooLate, wouldSend] = [0, 0, 0, 0];
  const look = ({ memberId, at, appliedAt, event }: Told) => {
    events += 1;
    if (!trigger.when.every((one) => holds(one, event))) return;
    causes += 1;
    const hours = (appliedAt.getTime() - at.getTime()) / 3_600_000;
    if (hours > trigger.withinHours + trigger.afterMinutes / 60) {
      tooLate += 1;
      return;
    }
    const data = filled(trigger.data, { event, member: { memberId } });
    const parsed = template.schema.safeParse(data);
    if (!parsed.success) {
      for (const { path, message } of problemsOf(parsed.error, ['data'])) {
        const said = `${path}: ${message}`;
        badData.set(said, (badData.get(said) ?? 0) + 1);
      }
      return;
    }
    wouldSend += 1;
    members.add(memberId);
    if (examples.length < 3) examples.push({ memberId, data });
  };
  let last: Place | undefined;
  do {
    const { rows } = await db.query<Told & Place>(
      `select coalesce(p.merged_into, e.member_id) as "memberId", e.at, e.applied_at as "appliedAt", e.document as event,
         e.at::text as exactly, e.source, e.id
       from laurel.events e join laurel.members m on m.tenant = e.tenant and m.member_id = e.member_id and m.brand = $2
       left join laurel.profiles p on p.tenant = e.tenant and p.member_id = e.member_id
       where e.tenant = $1 and e.type = $3 and e.at >= $4
         and ($5::timestamptz is null or (e.at, e.source, e.id) < ($5, $6, $7))
       order by e.at desc, e.source desc, e.id desc limit $8`,
      [tenant, brand.id, type, since, last?.exactly, last?.source, last?.id, chunk],
    );
    rows.forEach(look);
    last = rows.length < chunk ? undefined : rows.at(-1);
  } while (last);
  return { events, members: members.size, causes, tooLate, badData, wouldSend, examples };
}
