import type { ReactElement } from 'react';

import type { savings } from '../../src/decision/blocks/savings.ts';
import type { BlockProps } from '../../src/render/react/template-props.ts';
import { Card } from '../partials/Card.tsx';
import { lookOf } from '../partials/look.ts';

export function Savings({
  view: { brand },
  block,
  t,
  format,
}: BlockProps<typeof savings>): ReactElement {
  const look = lookOf(brand);
  const on = { color: look.colours.onHighlight };
  const { total, years } = block;
  return (
    <Card
      className="highlight"
      gap={28}
      style={{
        backgroundColor: look.colours.highlight,
        borderRadius: look.radius,
        padding: '24px 26px',
      }}
    >
      <h2 className="highlight" style={{ ...look.small, ...on, fontWeight: 'normal' }}>
        {t('savings.title')}
      </h2>
      <p className="highlight big" style={{ ...look.h1, ...on, fontSize: 40, lineHeight: '48px' }}>
        {format.money(total)}
      </p>
      <p className="highlight" style={{ ...look.text, ...on }}>
        {years
          .map(({ year, saved }) =>
            years.length === 1
              ? t('savings.year', { year })
              : t('savings.of', { year, amount: format.money(saved) }),
          )
          .join(' · ')}
      </p>
    </Card>
  );
}
