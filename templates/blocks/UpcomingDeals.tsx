import type { ReactElement } from 'react';

import type { upcomingDeals } from '../../src/decision/blocks/upcoming-deals.ts';
import type { BlockProps } from '../../src/render/react/template-props.ts';
import { Card } from '../partials/Card.tsx';
import { lookOf } from '../partials/look.ts';
import { Picture } from '../partials/Picture.tsx';

export function UpcomingDeals({
  view: { brand },
  block,
  t,
  format,
  link,
}: BlockProps<typeof upcomingDeals>): ReactElement {
  const look = lookOf(brand);
  const { colours } = look;
  const { tier, pointsToGo, items } = block;
  return (
    <Card
      className="surface"
      inner="card"
      style={{ ...look.card, padding: '32px 32px 12px' }}
      gap={16}
    >
      <h2 className="text" style={look.h2}>
        {t('upcoming.title', { tier })}
      </h2>
      <p className="muted" style={{ ...look.muted, padding: '4px 0 14px' }}>
        {pointsToGo === null
          ? t('upcoming.soon')
          : t('upcoming.toGo', { points: format.points(pointsToGo) })}
      </p>
      {items.map(({ offerId, title, body, imageUrl }) => (
        <table key={offerId} role="presentation" width="100%">
          <tbody>
            <tr>
              <td
                className="line"
                style={{ padding: '20px 0 22px', borderTop: `1px solid ${colours.line}` }}
              >
                <Picture url={imageUrl} look={look} link={link} />
                <h3 className="text" style={{ ...look.h3, fontSize: 18, lineHeight: '25px' }}>
                  <bdi>{title}</bdi>
                </h3>
                <p className="muted" style={{ ...look.muted, paddingTop: 4 }}>
                  <bdi>{body}</bdi>
                </p>
              </td>
            </tr>
          </tbody>
        </table>
      ))}
    </Card>
  );
}
