import type { Fact } from '../src/contract/fact-text.ts';
import type { Move, Trial } from './protocol.ts';
import { changeCount, groupOf } from './search.ts';
import type { Words } from './words.ts';

type Named = {
  readonly names: Words;
  readonly offerTitle: (offerId: string) => string;
  readonly sampleTitle: (id: string) => string;
};

/** Changes as a button says them: each in words, and all in a few. */
export function trialOf(move: Move, named: Named): Trial {
  const changes = phrases(move, named);
  const count = changeCount(move);
  const label = count <= 1 ? `Try ${changes[0] ?? 'it'}` : `Try ${count} changes together`;
  return { label, changes, move };
}

function phrases({ set = {}, at, cancelled, sample }: Move, named: Named): string[] {
  const groups = new Map<string, Fact>();
  for (const [path, value] of Object.entries(set))
    if (!groups.has(groupOf(path))) groups.set(groupOf(path), value);
  return [
    ...[...groups].map(([group, value]) => phrase(group, value, named)),
    ...(at === undefined ? [] : [`on ${named.names.day(at)}`]),
    ...(cancelled === undefined ? [] : [cancelled ? 'as cancelled' : 'as not cancelled']),
    ...(sample === undefined ? [] : [`with the sample “${named.sampleTitle(sample)}”`]),
  ];
}

/** How each kind of change reads after "Try". */
function phrase(path: string, value: Fact, { names, offerTitle }: Named): string {
  const [kind = '', key = ''] = path.split('.');
  const spoken = key.replaceAll('-', ' ');
  switch (kind) {
    case 'activePoints':
      return typeof value === 'number' ? `with ${names.points(value)}` : 'with other points';
    case 'currentTier':
      return key === 'id'
        ? `as ${names.tier(typeof value === 'string' ? value : '')}`
        : 'with a tier that lapses';
    case 'consents':
      return key === 'marketing' ? 'with consent' : `with consent to ${spoken}`;
    case 'memberStatus':
      return 'with an active membership';
    case 'redemptions':
      return `with “${offerTitle(key)}” ${value === 0 ? 'not redeemed' : 'redeemed'}`;
    case 'boughtProducts':
      return path.endsWith('lastFullPriceAt')
        ? `as if ${names.product(key)} was bought long ago`
        : `as if ${names.product(key)} was bought before`;
    case 'boughtCategories':
      return `as a buyer of ${spoken}`;
    case 'affinities':
      return `as one who mostly buys ${spoken}`;
    case 'channels':
      return `with a purchase by ${spoken}`;
    case 'interests':
      return `with interest in ${spoken}`;
    case 'preferences':
      return 'without that preference';
    case 'bonuses':
      return 'with the bonus unused';
    case 'rewards':
      return 'with the reward waiting';
    case 'savings':
      return 'with something saved';
    case 'expiringPoints':
      return 'with points that lapse';
    case 'qualifyingPoints':
      return 'with fewer points that count';
    default:
      return `with another ${kind}`;
  }
}
