import { PermanentError } from '../core/errors.ts';
import { link } from '../render/voice/link.ts';
import type { BlockOutcome } from './blocks/block.ts';

/**
 * A block with an address no mail may lead to (`javascript:`, a password in it) is left out, and everything else goes.
 * Addresses of a view are its fields named `url` or ending in `Url`, at any depth. Pure.
 */
export function unlessBadLink<Outcome extends BlockOutcome | { readonly outcome: string }>(
  outcome: Outcome,
): Outcome | BlockOutcome<never> {
  if (!('kind' in outcome) || outcome.kind !== 'show') return outcome;
  const bad = addressesIn(outcome.view).find((address) => !isLink(address));
  if (bad === undefined) return outcome;
  return {
    kind: 'hide',
    reason: 'bad-link',
    actual: bad.slice(0, 200),
    needed: 'an address with http, https or mailto',
    flip: { text: 'The address is corrected where it comes from, an offer of the catalogue.' },
  };
}

function addressesIn(value: unknown, name = ''): string[] {
  if (typeof value === 'string') return /^url$|Url$/.test(name) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Array.isArray(value)
    ? value.flatMap((one) => addressesIn(one, name))
    : Object.entries(value).flatMap(([key, one]) => addressesIn(one, key));
}

function isLink(address: string): boolean {
  try {
    link(address);
    return true;
  } catch (error) {
    if (error instanceof PermanentError) return false;
    throw error;
  }
}
