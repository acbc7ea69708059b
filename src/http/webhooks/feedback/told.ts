import { timingSafeEqual, createHash } from 'node:crypto';

import type { FeedbackKind } from '../../../feedback/feedback.ts';
import { messageIdIn } from '../../../feedback/feedback.ts';
import type { Told } from '../../../feedback/record.ts';
import type { Reading } from '../adapter.ts';

/** An event as a provider tells it. */
export type Said = {
  readonly id: string;
  /** Null: nothing that matters here, such as an open. */
  readonly kind: FeedbackKind | null;
  /** When, as it is written or in seconds since 1970. */
  readonly at?: string | undefined;
  readonly seconds?: number | undefined;
  /** Any of what may be the mail's `Message-ID`. */
  readonly messageId?: string | undefined;
  readonly address: string;
  readonly detail?: readonly (string | undefined)[];
  readonly proof?: string;
};

const at = ({ at: written, seconds }: Said): string => {
  const time = written === undefined ? (seconds ?? Number.NaN) * 1000 : Date.parse(written);
  return Number.isFinite(time) && Math.abs(time) < 8e15
    ? new Date(time).toISOString()
    : new Date().toISOString();
};

/** What a provider's events come to. */
export function told(events: readonly Said[]): Reading {
  const feedback = events.flatMap((event): Told[] => {
    if (event.kind === null) return [];
    const id = messageIdIn(event.messageId);
    const detail = event.detail?.filter(Boolean).join(' ') ?? '';
    return [
      {
        id: event.id.slice(0, 255),
        kind: event.kind,
        at: at(event),
        address: event.address,
        ...(id !== null && { messageId: id }),
        ...(detail !== '' && { detail }),
        ...(event.proof !== undefined && { proof: event.proof }),
      },
    ];
  });
  return feedback.length === 0
    ? { kind: 'ignored', why: 'nothing-to-tell' }
    : { kind: 'feedback', feedback, ignored: events.length - feedback.length };
}

export const headerText = (value: string | string[] | undefined) =>
  typeof value === 'string' ? value : '';

/** Compared in constant time, whatever their lengths. */
export const isSame = (one: string, other: string): boolean =>
  timingSafeEqual(digest(one), digest(other));
const digest = (text: string) => createHash('sha256').update(text).digest();
