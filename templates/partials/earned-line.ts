import type { EarnedHere } from '../../src/decision/blocks/earned-here.ts';
import type { BlockProps } from '../../src/render/react/template-props.ts';

type Words = Pick<BlockProps<unknown>, 't' | 'format'>;

/** What this purchase earned, and from when on it can be spent. */
export function earnedLine(
  { points: count, kind, pending, from }: EarnedHere,
  t: Words['t'],
  format: Words['format'],
): string {
  const points = format.points(count);
  if (!pending) return t('status.earned', { points, kind });
  return from
    ? t('status.earnedFrom', { points, kind, date: format.date(from) })
    : t('status.earnedLater', { points, kind });
}
