import type pg from 'pg';

import type { Brand } from '../brand/brand.ts';
import { PermanentError } from '../core/errors.ts';
import { applyEvents } from '../ledger/apply.ts';
import type { BrandOf } from '../ledger/batch.ts';
import { type MergeSuggestion, suggestMerges } from '../ledger/identity/suggest-merges.ts';
import { listMessages } from '../message/messages.ts';
import { transaction } from '../postgres/pool.ts';
import { readProfiles } from '../profile/ledger.ts';
import { affectedMessages, type AffectedMessage } from './affected.ts';
import { audit, type Look } from './audit.ts';
import { type Entry, memberDetails, memberEntries } from './details.ts';
import { exportMember, type MemberExport } from './export.ts';
import { findMember, type FoundMember, type MemberKey } from './find.ts';
import { type MemberView, viewOf } from './view.ts';

/** What can be asked and done about one member. Every use is noted with its `actor`. */
export type Members = {
  readonly find: (tenant: string, key: MemberKey) => Promise<FoundMember | null>;
  /** @param full identities and addresses as they are, not masked */
  readonly view: (
    tenant: string,
    member: FoundMember,
    options: { readonly actor: string; readonly full: boolean },
  ) => Promise<MemberView>;
  readonly entries: (
    tenant: string,
    member: FoundMember,
    options: {
      readonly actor: string;
      readonly limit: number;
      readonly before?: string | undefined;
    },
  ) => Promise<Entry[]>;
  readonly affected: (
    tenant: string,
    member: FoundMember,
    options: { readonly actor: string; readonly limit: number },
  ) => Promise<AffectedMessage[]>;
  /** Pairs that are probably one person, the likeliest first; of everybody, or of one member. */
  readonly suggestions: (
    tenant: string,
    of: { readonly brand?: string; readonly memberId?: string; readonly limit: number },
  ) => Promise<MergeSuggestion[]>;
  readonly export: (
    tenant: string,
    member: FoundMember,
    options: { readonly actor: string },
  ) => Promise<MemberExport>;
  /** For good. */
  readonly erase: (
    tenant: string,
    member: FoundMember,
    options: { readonly actor: string },
  ) => Promise<void>;
};

const shown = { purchases: 5, entries: 20, messages: 10 } as const;

/** Opens what support and privacy need. @param swept called after an erasure, so that files of hers go too */
export function openMembers(parts: {
  readonly pool: pg.Pool;
  readonly brandOf: BrandOf & ((id: string) => Pick<Brand, 'defaultLocale'> | undefined);
  readonly now: () => Date;
  readonly newId: () => string;
  readonly swept: () => Promise<unknown>;
}): Members {
  const { pool, brandOf, now } = parts;
  const noted = (tenant: string, { memberId }: FoundMember, look: Look) =>
    audit(pool, tenant, memberId, look);

  return {
    find: (tenant, key) => findMember(pool, tenant, key),
    view: async (tenant, member, { actor, full }) => {
      const at = now();
      const [reading] = await readProfiles(pool, at, brandOf, [
        { tenant, memberId: member.memberId },
      ]);
      if (reading instanceof PermanentError) throw reading;
      if (reading?.kind !== 'member')
        throw new PermanentError('no-profile', `there is no profile of ${member.memberId}`);
      const { profile } = reading;
      const [details, messages] = await Promise.all([
        memberDetails(pool, tenant, member.accounts, { locale: profile.locale, ...shown }),
        listMessages(pool, tenant, { memberIds: member.accounts, limit: shown.messages }),
        noted(tenant, member, { actor, action: 'view' }),
      ]);
      return viewOf(member, profile, details, messages, { now: at, full });
    },
    entries: async (tenant, member, { actor, ...page }) => {
      await noted(tenant, member, { actor, action: 'entries' });
      return memberEntries(pool, tenant, member.accounts, page);
    },
    affected: async (tenant, member, { actor, limit }) => {
      await noted(tenant, member, { actor, action: 'affected-messages' });
      return affectedMessages(pool, tenant, member.accounts, limit);
    },
    suggestions: (tenant, of) => suggestMerges(pool, tenant, of),
    export: async (tenant, { memberId, accounts }, { actor }) =>
      transaction(pool, async (db) => {
        await db.query('set transaction isolation level repeatable read');
        await audit(db, tenant, memberId, { actor, action: 'export' });
        return exportMember(db, tenant, memberId, accounts, now());
      }),
    erase: async (tenant, member, { actor }) => {
      const { memberId } = member;
      const [result] = await applyEvents(pool, tenant, brandOf, [
        {
          source: 'laurel',
          id: `erase-${parts.newId()}`,
          at: now().toISOString(),
          type: 'member.erased',
          memberId,
        },
      ]);
      if (result?.kind === 'refused') {
        const why = result.problems.map(({ message }) => message).join('; ');
        throw new PermanentError('not-erased', `${memberId} was not erased: ${why}`);
      }
      await noted(tenant, member, { actor, action: 'erase' });
      await parts.swept();
    },
  };
}
