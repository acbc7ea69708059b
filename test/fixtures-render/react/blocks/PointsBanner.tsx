import { Text } from '@react-email/components';

import type { pointsBanner } from '../../../../src/decision/blocks/points-banner.ts';
import type { BlockProps } from '../../../../src/render/react/template-props.ts';

export function PointsBanner({ block, t, format }: BlockProps<typeof pointsBanner>) {
  return (
    <Text>{t('banner', { points: format.points(block.beingAdded ? 0 : block.usablePoints) })}</Text>
  );
}
