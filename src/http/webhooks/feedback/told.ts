import { timingSafeEqual, createHash } from 'node:crypto';

import type { Problem } from '../../../core/errors.ts';
import { type FeedbackKind, messageIdIn } from '../../../feedback/feedback.ts';
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

/** Null for what is no time. */
function timeOf({ at, seconds = Number.NaN }: Said): string | null {
  const time = new Date(at === undefined ? seconds * 1000 : at);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

/** What a provider's events come to. */
export function told(events: readonly Said[]): Reading {
  const problems: Problem[] = [];
  const feedback = events.flatMap((event, index): Told[] => {
    if (event.kind === null) return [];
    const at = timeOf(event);
    if (at === null) {
      problems.push({ path: `[${index}]`, message: 'says no time at which it happened' });
      return [];
    }
    const id = messageIdIn(event.messageId);
    const detail = event.detail?.filter(Boolean).join(' ') ?? '';
    return [
      {
        id: event.id.slice(0, 255),
        kind: event.kind,
        at,
        address: event.address,
        ...(id !== null && { messageId: id }),
        ...(detail !== '' && { detail }),
        ...(event.proof !== undefined && { proof: event.proof }),
      },
    ];
  });
  if (problems.length > 0) return { kind: 'malformed', problems };
  return feedback.length === 0
    ? { kind: 'ignored', why: 'nothing-to-tell' }
    : { kind: 'feedback', feedback, ignored: events.length - feedback.length };
}

/** What is signed within the body has to be read before it is believed; undefined where it isn't JSON. */
export function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

export const headerText = (value: string | string[] | undefined) =>
  typeof value === 'string' ? value : '';

/** Compared in constant time, whatever their lengths. */
export const isSame = (one: string, other: string): boolean =>
  timingSafeEqual(digest(one), digest(other));
const digest = (text: string) => createHash('sha256').update(text).digest();
