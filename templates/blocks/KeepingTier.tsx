import type { ReactElement } from 'react';

import type { keepingTier } from '../../src/decision/blocks/keeping-tier.ts';
import type { BlockProps } from '../../src/render/react/template-props.ts';
import { Card } from '../partials/Card.tsx';
import { lookOf } from '../partials/look.ts';

export function KeepingTier({
  view: { brand },
  block,
  t,
  format,
}: BlockProps<typeof keepingTier>): ReactElement {
  const look = lookOf(brand);
  const on = { color: look.colours.onHighlight };
  const { tier, until, pointsToKeep, below } = block;
  const date = format.date(until);
  return (
    <Card
      className="highlight"
      gap={24}
      style={{
        backgroundColor: look.colours.highlight,
        borderRadius: look.radius,
        padding: '24px 26px',
      }}
    >
      <h2 className="highlight" style={{ ...look.h1, ...on, fontSize: 24, lineHeight: '31px' }}>
        {pointsToKeep === null
          ? t('keeping.until', { tier, date })
          : t('keeping.missing', { points: format.points(pointsToKeep), date, tier })}
      </h2>
      {below !== null && (
        <p className="highlight" style={{ ...look.text, ...on, paddingTop: 6 }}>
          {t('keeping.below', { tier: below })}
        </p>
      )}
    </Card>
  );
}
