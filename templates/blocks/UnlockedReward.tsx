import type { ReactElement } from 'react';

import type { unlockedReward } from '../../src/decision/blocks/unlocked-reward.ts';
import type { BlockProps } from '../../src/render/react/template-props.ts';
import { Highlight } from '../partials/Highlight.tsx';
import { lookOf } from '../partials/look.ts';

export function UnlockedReward({
  view: { brand },
  block,
  t,
  format,
}: BlockProps<typeof unlockedReward>): ReactElement {
  return (
    <Highlight
      label={t('reward.label', { kind: block.kind })}
      title={<bdi>{block.name}</bdi>}
      size={30}
      look={lookOf(brand)}
    >
      {t('reward.since', { date: format.date(block.unlockedAt) })}
    </Highlight>
  );
}
