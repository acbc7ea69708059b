import type { ReactElement } from 'react';

import type { pointsBanner } from '../../src/decision/blocks/points-banner.ts';
import type { BlockProps } from '../../src/render/react/template-props.ts';
import { Button } from '../partials/Button.tsx';
import { Card } from '../partials/Card.tsx';
import { lookOf } from '../partials/look.ts';

export function PointsBanner({
  view: { brand },
  block,
  t,
  format,
  link,
}: BlockProps<typeof pointsBanner>): ReactElement {
  const look = lookOf(brand);
  return (
    <Card className="raised" style={look.box} gap={28}>
      <h2 className="text" style={look.h2}>
        {block.beingAdded
          ? t('banner.beingAddedTitle', { kind: block.kind })
          : t('banner.title', { points: format.points(block.activePoints), kind: block.kind })}
      </h2>
      <p className="muted" style={{ ...look.muted, paddingTop: 6 }}>
        {block.beingAdded && t('banner.beingAdded')}
        {!block.beingAdded &&
          (block.coversAll
            ? t('banner.all', {
                usable: format.points(block.usablePoints),
                amount: format.money(block.worth),
              })
            : t('banner.part', { amount: format.money(block.worth) }))}
      </p>
      {!block.beingAdded && block.asOf && (
        <p className="muted" style={{ ...look.small, paddingTop: 6 }}>
          {t('status.asOf', { date: format.date(block.asOf, 'dateTime') })}
        </p>
      )}
      {!block.beingAdded && (
        <Button
          to={link(brand.siteUrl, ['account', 'points'])}
          text={t('banner.button')}
          kind="solid"
          link={link}
          look={look}
        />
      )}
    </Card>
  );
}
