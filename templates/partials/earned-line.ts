import type { EarnedHere } from '../../src/decision/blocks/earned-here.ts';
import type { MailProps } from '../../src/render/react/template-props.ts';

/** What this purchase earned, and from when on it can be spent. */
export function earnedLine(
  { points: count, kind, pending, from }: EarnedHere,
  t: MailProps['t'],
  format: MailProps['format'],
): string {
  const points = format.points(count);
  if (!pending) return t('status.earned', { points, kind });
  return from
    ? t('status.earnedFrom', { points, kind, date: format.date(from) })
    : t('status.earnedLater', { points, kind });
}
