import type { ReactElement } from 'react';

import type { bonus } from '../../src/decision/blocks/bonus.ts';
import type { BlockProps } from '../../src/render/react/template-props.ts';
import { Button } from '../partials/Button.tsx';
import { Highlight } from '../partials/Highlight.tsx';
import { lookOf } from '../partials/look.ts';

export function Bonus({
  view: { brand },
  block,
  t,
  format,
  link,
}: BlockProps<typeof bonus>): ReactElement {
  const look = lookOf(brand);
  return (
    <>
      <Highlight label={t('bonus.label')} title={format.points(block.points)} size={40} look={look}>
        {block.useBy && t('bonus.useBy', { date: format.date(block.useBy) })}
      </Highlight>
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
