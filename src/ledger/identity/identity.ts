import { createHash } from 'node:crypto';

import { canonicalAddress, parseAddress } from '../../core/address.ts';
import { identityKey } from '../batch.ts';
import type { LedgerEvent } from '../events.ts';

/** What somebody is known by besides her member id. */
export type Identity = Extract<LedgerEvent, { type: 'identity.linked' }>['identity'];

/** An identity in the form under which it is stored and looked up. */
export type Canonical = { readonly kind: Identity['kind']; readonly canonical: string };

/**
 * The one form of all spellings: addresses as `canonicalAddress` has them; phones as digits, with a `+` before the country
 * code where one was given (`0049 (0)30 1234` is `+49301234`); cards and customer numbers in upper case without spaces and dashes.
 */
export function canonicalOf({ kind, value }: Identity): Canonical {
  switch (kind) {
    case 'email':
      return { kind, canonical: canonicalAddress(value) };
    case 'phone':
      return { kind, canonical: canonicalPhone(value) };
    case 'card':
    case 'customer-number':
      return { kind, canonical: value.replace(/[\s\p{Pd}]/gu, '').toUpperCase() };
    default:
      return kind satisfies never;
  }
}

function canonicalPhone(value: string): string {
  const trimmed = value.normalize('NFKC').trim();
  const abroad = /^(?:\+|00)/.test(trimmed);
  // `+49 (0)30 …`: the zero in brackets is for callers at home.
  const digits = (abroad ? trimmed.replace(/^00/, '').replace('(0)', '') : trimmed).replace(
    /\D/g,
    '',
  );
  return abroad ? `+${digits}` : digits;
}

/** What is wrong with an identity's value; undefined where nothing is. */
export function identityProblem(identity: Identity): string | undefined {
  const { canonical } = canonicalOf(identity);
  switch (identity.kind) {
    case 'email': {
      const parsed = parseAddress(identity.value.trim());
      return parsed.kind === 'invalid' ? parsed.message : undefined;
    }
    case 'phone':
      return /^\+?\d{5,15}$/.test(canonical)
        ? undefined
        : 'must be a phone number of 5 to 15 digits, best with its country code';
    case 'card':
    case 'customer-number':
      return canonical === '' ? 'must have letters or digits' : undefined;
    default:
      return identity.kind satisfies never;
  }
}

export const keyOf = ({ kind, canonical }: Canonical) => identityKey(kind, canonical);

/** What account ids of identities begin with; no member can be enrolled under such a one. */
export const unregisteredPrefix = 'unregistered:';

/**
 * The account that an event opens for an identity nobody has registered. An identity can change hands and open another
 * one later, so the id follows from the event as well; the identity itself can't be read from it.
 */
export const unregisteredId = (
  { kind, canonical }: Canonical,
  event: { readonly source: string; readonly id: string },
): string => {
  const hash = createHash('sha256').update(JSON.stringify([canonical, event.source, event.id]));
  return `${unregisteredPrefix}${kind}:${hash.digest('hex').slice(0, 24)}`;
};
