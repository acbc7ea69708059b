import type { ReactElement } from 'react';

import type { BonusView } from '../../src/blocks/bonus.ts';
import type { BlockProps } from '../../src/render/template-props.ts';
import { Button } from '../partials/Button.tsx';
import { Card } from '../partials/Card.tsx';
import { lookOf } from '../partials/look.ts';

export function Bonus({
  view: { brand },
  block,
  t,
  format,
  link,
}: BlockProps<BonusView>): ReactElement {
  const look = lookOf(brand);
  const on = { color: look.colours.onHighlight };
  return (
    <>
      <Card
        className="highlight"
        gap={24}
        style={{
          backgroundColor: look.colours.highlight,
          borderRadius: look.radius,
          padding: '28px 26px',
        }}
      >
        <p className="highlight" style={{ ...look.small, ...on }}>
          {t('bonus.label')}
        </p>
        <h2
          className="highlight big"
          style={{ ...look.h1, ...on, fontSize: 40, lineHeight: '48px' }}
        >
          {format.points(block.points)}
        </h2>
        {block.useBy && (
          <p className="highlight" style={{ ...look.text, ...on }}>
            {t('bonus.useBy', { date: format.date(block.useBy) })}
          </p>
        )}
      </Card>
      <p className="muted" style={{ ...look.muted, paddingTop: 18 }}>
        {block.activePoints === null
          ? t('bonus.beingAdded')
          : t('bonus.balance', { points: format.points(block.activePoints) })}
      </p>
      <Button
        to={link(brand.siteUrl, ['account', 'points'])}
        text={t('bonus.button')}
        kind="solid"
        link={link}
        look={look}
      />
    </>
  );
}
