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
  const bad = badAddressIn(outcome.view);
  if (bad === undefined) return outcome;
  return {
    kind: 'hide',
    reason: 'bad-link',
    actual: bad.slice(0, 200),
    needed: 'an address with http, https or mailto',
    flip: { text: 'The address is corrected where it comes from, an offer of the catalogue.' },
  };
}

/** The first of them. Walks without making lists: it runs for every block of every mail. */
function badAddressIn(value: unknown, name = ''): string | undefined {
  if (typeof value === 'string')
    return (name === 'url' || name.endsWith('Url')) && !isLink(value) ? value : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) {
    for (const one of value) {
      const bad = badAddressIn(one, name);
      if (bad !== undefined) return bad;
    }
    return undefined;
  }
  for (const key of Object.keys(value)) {
    const bad = badAddressIn(Reflect.get(value, key), key);
    if (bad !== undefined) return bad;
  }
  return undefined;
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
