import type { ReactElement } from 'react';

import type { UnlockedRewardView } from '../../src/blocks/unlocked-reward.ts';
import type { BlockProps } from '../../src/render/template-props.ts';
import { Card } from '../partials/Card.tsx';
import { lookOf } from '../partials/look.ts';

export function UnlockedReward({
  view: { brand },
  block,
  t,
  format,
}: BlockProps<UnlockedRewardView>): ReactElement {
  const look = lookOf(brand);
  const on = { color: look.colours.onHighlight };
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
      <p className="highlight" style={{ ...look.small, ...on }}>
        {t('reward.label', { kind: block.kind })}
      </p>
      <h2 className="highlight" style={{ ...look.h1, ...on, fontSize: 30, lineHeight: '37px' }}>
        <bdi>{block.name}</bdi>
      </h2>
      <p className="highlight" style={{ ...look.small, ...on }}>
        {t('reward.since', { date: format.date(block.unlockedAt) })}
      </p>
    </Card>
  );
}
