import { z } from 'zod';

import type { CommandAnswer } from './protocol.ts';

/** A campaign in a list. */
export type CampaignLine = {
  readonly id: string;
  /** `bonus-reminder`, `year-in-review 2025`. */
  readonly title: string;
  readonly template: string;
  readonly brand: string;
  readonly state: 'loading' | 'running' | 'paused' | 'done' | 'cancelled';
  readonly audience: number;
  /** Members whose message exists. */
  readonly made: number;
  readonly createdAt: string;
  readonly pilot: PilotShown['state'] | null;
};

export type PilotShown = {
  readonly share: number;
  readonly state: 'making' | 'waiting' | 'failed' | 'released';
  /** Null where it is released by hand alone. */
  readonly gate: {
    readonly afterMinutes: number;
    readonly limits: readonly {
      readonly name: 'failures' | 'complaints' | 'unsubscribes';
      readonly count: number;
      /** Of the pilot's mails, at most. */
      readonly limit: number;
    }[];
    /** Sent or failed: what shares are of. */
    readonly mails: number;
  } | null;
};

export type ShareShown = {
  readonly count: number;
  readonly of: 'accepted' | 'sent';
  readonly base: number;
  readonly share: number | null;
};

/** One that may be running: what changes while somebody looks. */
export type CampaignShown = {
  readonly line: CampaignLine;
  readonly holdout: number;
  readonly group: string | null;
  readonly startsAt: string | null;
  /** Of its messages, in the order of their way. */
  readonly states: readonly (ShareShown & { readonly name: string })[];
  /** What mail programs told of those that were sent. */
  readonly told: readonly (ShareShown & { readonly name: string })[];
  readonly reasons: readonly {
    readonly state: string;
    readonly reason: string;
    readonly count: number;
  }[];
  /** Mails sent in the last minutes, a minute. */
  readonly perMinute: number;
  /** Until all are sent at that pace; null where nothing moves, or nothing is left. */
  readonly secondsLeft: number | null;
  readonly pilot: PilotShown | null;
};

/** One measure of two groups of members. */
export type ComparedShown = {
  readonly name:
    | 'buyers'
    | 'redeemers'
    | 'purchasesPerMember'
    | 'spendPerMember'
    | 'clicked'
    | 'unsubscribed'
    | 'complained';
  readonly first: number;
  readonly second: number;
  /** The first less the second, with 95 % confidence; null where one is too small. */
  readonly difference: {
    readonly value: number;
    readonly from: number;
    readonly to: number;
  } | null;
};

/** What it brought about, against those who were kept out; and its two mails against each other, where it has two. */
export type CampaignOutcome = {
  readonly days: number;
  readonly currency: string;
  readonly treated: number;
  readonly holdout: number;
  readonly compared: readonly ComparedShown[];
  readonly alternatives: {
    readonly a: MailShown;
    readonly b: MailShown;
    /** B first. */
    readonly compared: readonly ComparedShown[];
  } | null;
};

type MailShown = {
  readonly template: string;
  /** The beginning of the version it keeps; null: what is live. */
  readonly version: string | null;
  readonly sent: number;
};

export const CampaignChange = z.strictObject({ what: z.enum(['pause', 'resume', 'release']) });
export type CampaignChange = z.output<typeof CampaignChange>;

/** Figures alone: nobody's address, and of members at most how many. */
export type CampaignReader = {
  readonly list: () => Promise<readonly CampaignLine[]>;
  /** Null where there is no such campaign. */
  readonly one: (id: string) => Promise<CampaignShown | null>;
  readonly outcome: (id: string, days: number) => Promise<CampaignOutcome | null>;
  /** As the command does it. */
  readonly change: (id: string, change: CampaignChange) => Promise<CommandAnswer>;
};
