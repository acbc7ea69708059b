import type { CampaignLine } from '../campaigns.ts';
import type { RoomProps } from './room.ts';

export const day = (instant: string) =>
  new Date(instant).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

export function titleOf(
  { title, template }: CampaignLine,
  { templates }: RoomProps['choice'],
): string {
  const named = templates.find(({ name }) => name === template)?.title;
  return named === undefined ? title : title.replace(template, named);
}

const marks: Readonly<
  Record<CampaignLine['state'], { readonly badge: string; readonly says: string }>
> = {
  loading: { badge: 'badge', says: 'Not started' },
  running: { badge: 'badge good', says: 'Running' },
  paused: { badge: 'badge warn', says: 'Paused' },
  done: { badge: 'badge good', says: 'Every message exists' },
  cancelled: { badge: 'badge bad', says: 'Cancelled' },
};

export function StateBadge({ line: { state, pilot } }: { readonly line: CampaignLine }) {
  if (state === 'running' && pilot === 'waiting')
    return <span className="badge warn">Pilot out, the others wait</span>;
  if (state === 'running' && pilot === 'failed')
    return <span className="badge bad">Stopped by its gate</span>;
  return <span className={marks[state].badge}>{marks[state].says}</span>;
}
