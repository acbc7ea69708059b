import type { MessageRecord } from '../message/messages.ts';
import type { Db } from '../postgres/pool.ts';
import type { FeedbackKind } from './feedback.ts';

/** One thing that happened to a message. */
export type TimelineEntry = {
  readonly at: Date;
  /** Acceptance, its end, or what was told of it after. */
  readonly what: 'accepted' | MessageRecord['state'] | FeedbackKind;
  /** Who says so: Laurel itself, or a connection. */
  readonly source: string;
  readonly detail: string | null;
};

/** What became of a message from its acceptance on, in the order in which it happened. */
export async function timelineOf(
  db: Db,
  tenant: string,
  record: Pick<MessageRecord, 'id' | 'acceptedAt' | 'finishedAt' | 'state' | 'reason' | 'response'>,
): Promise<TimelineEntry[]> {
  const { rows } = await db.query<TimelineEntry>({
    name: 'feedback-of-message',
    text: `select at, kind as what, source, detail from delivery_feedback
            where message_id = $2 and tenant = $1 order by at, id limit 200`,
    values: [tenant, record.id],
  });
  const own = { source: 'laurel', detail: null };
  const ended: TimelineEntry[] =
    record.finishedAt === null
      ? []
      : [
          {
            ...own,
            at: record.finishedAt,
            what: record.state,
            detail: record.response ?? record.reason,
          },
        ];
  return forwards([{ ...own, at: record.acceptedAt, what: 'accepted' }, ...ended, ...rows]);
}

/** Clocks differ: what was told of a mail came after it had left, whatever time is given with it. */
function forwards(entries: readonly TimelineEntry[]): TimelineEntry[] {
  let last = new Date(0);
  return entries.map((entry) => {
    if (entry.at > last) last = entry.at;
    return { ...entry, at: last };
  });
}

const words: Readonly<Record<FeedbackKind, string>> = {
  delivered: 'delivered to the mailbox',
  delayed: 'the other server still tries',
  'soft-bounce': 'bounced, for a reason that may pass',
  'hard-bounce': 'bounced: nobody is there',
  complaint: 'reported as spam by the member',
  unsubscribed: 'the member unsubscribed',
  clicked: 'a link was clicked',
};

const isFeedback = (what: TimelineEntry['what']): what is FeedbackKind => what in words;

/** What was told after the hand-over, a line each, for people. */
export const feedbackLines = (timeline: readonly TimelineEntry[]): string[] =>
  timeline.flatMap(({ at, what, source, detail }) =>
    isFeedback(what)
      ? [`${at.toISOString()}: ${words[what]} (${source})${detail === null ? '' : `: ${detail}`}`]
      : [],
  );
