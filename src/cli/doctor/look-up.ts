import { Resolver } from 'node:dns/promises';

import { codeOf } from '../../core/code-of.ts';

/** TXT records of a name, or why there are none. */
export type LookUp = (name: string) => Promise<readonly string[] | 'none' | 'unknown'>;

/** Asks the system's resolver, briefly. */
export function systemLookUp(): LookUp {
  const resolver = new Resolver({ timeout: 2_000, tries: 1 });
  return async (name) => {
    try {
      return (await resolver.resolveTxt(name)).map((parts) => parts.join(''));
    } catch (error) {
      const code = codeOf(error);
      return code === 'ENODATA' || code === 'ENOTFOUND' ? 'none' : 'unknown';
    }
  };
}
