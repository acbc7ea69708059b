import type { ReactElement } from 'react';

import type { tenure } from '../../src/decision/blocks/tenure.ts';
import type { BlockProps } from '../../src/render/react/template-props.ts';
import { lookOf } from '../partials/look.ts';

export function Tenure({
  view: { brand },
  block,
  t,
  format,
}: BlockProps<typeof tenure>): ReactElement {
  const { text } = lookOf(brand);
  const { years, memberSince } = block;
  const date = format.date(memberSince, 'monthYear');
  return (
    <p className="text" style={{ ...text, fontSize: 17, lineHeight: '26px', paddingTop: 10 }}>
      {years === null ? t('tenure.first', { date }) : t('tenure.line', { years, date })}
    </p>
  );
}
