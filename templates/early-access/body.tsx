import type { ReactElement } from 'react';

import type { TemplateProps } from '../../src/render/react/template-props.ts';
import { Recommendation } from '../blocks/Recommendation.tsx';
import { Card } from '../partials/Card.tsx';
import { lookOf } from '../partials/look.ts';
import { Shell } from '../partials/Shell.tsx';
import type { earlyAccess } from './template.ts';

export default function EarlyAccessMail(props: TemplateProps<typeof earlyAccess>): ReactElement {
  const { view, t, format } = props;
  const { brand, blocks, data, member } = view;
  const look = lookOf(brand);
  const { colours, radius } = look;
  const on = { color: colours.onAccent };
  const name = member?.firstName;
  return (
    <Shell {...props}>
      <Card
        className="member"
        inner="card"
        style={{ backgroundColor: colours.accent, borderRadius: radius, padding: '48px 32px' }}
      >
        <p style={{ ...look.small, ...on, letterSpacing: '0.08em' }}>{t('early.label')}</p>
        <h1 className="big" style={{ ...look.h1, ...on, fontSize: 44, lineHeight: '52px' }}>
          {name ? t('early.titleNamed', { name }) : t('early.title')}
        </h1>
        <p style={{ ...look.lead, ...on }}>
          {data.everyoneAt === undefined
            ? t('early.lead')
            : t('early.everyone', { date: format.date(data.everyoneAt) })}
        </p>
      </Card>
      {blocks.recommendation && (
        <Card className="surface" inner="card" style={look.card} gap={16}>
          <Recommendation {...props} block={blocks.recommendation} />
        </Card>
      )}
    </Shell>
  );
}
