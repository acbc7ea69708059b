import type { ReactElement } from 'react';

import type { TemplateProps } from '../../src/render/react/template-props.ts';
import { Offers } from '../blocks/Offers.tsx';
import { YearInReview } from '../blocks/YearInReview.tsx';
import { Card } from '../partials/Card.tsx';
import { lookOf } from '../partials/look.ts';
import { Shell } from '../partials/Shell.tsx';
import type { yearInReview } from './template.ts';

export default function YearInReviewMail(props: TemplateProps<typeof yearInReview>): ReactElement {
  const { view, t, format } = props;
  const { brand, blocks, member } = view;
  const look = lookOf(brand);
  const { colours, radius } = look;
  const on = { color: colours.onAccent };
  const year = String(view.data.figures.year);
  const figures = blocks.yearInReview?.figures;
  const name = member?.firstName;
  return (
    <Shell {...props}>
      <Card
        className="member"
        inner="card"
        style={{ backgroundColor: colours.accent, borderRadius: radius, padding: '44px 32px' }}
      >
        {figures ? (
          <>
            <h1 className="big" style={{ ...look.h1, ...on, fontSize: 40, lineHeight: '47px' }}>
              {name ? t('review.titleNamed', { year, name }) : t('review.title', { year })}
            </h1>
            <p style={{ ...look.lead, ...on }}>{t('review.lead')}</p>
            <p
              className="huge"
              style={{
                ...look.h1,
                color: colours.highlight,
                fontSize: 84,
                lineHeight: '92px',
                paddingTop: 24,
              }}
            >
              {format.number(figures.purchases)}
            </p>
            <p style={{ ...look.lead, ...on, paddingTop: 0 }}>
              {t('year.purchases', { count: figures.purchases })}
            </p>
          </>
        ) : (
          <>
            <h1 className="big" style={{ ...look.h1, ...on, fontSize: 40, lineHeight: '47px' }}>
              {name ? t('year.thanksNamed', { year, name }) : t('year.thanks', { year })}
            </h1>
            <p style={{ ...look.lead, ...on }}>{t('review.leadSmall')}</p>
          </>
        )}
      </Card>
      {blocks.yearInReview && <YearInReview {...props} block={blocks.yearInReview} />}
      {blocks.offers && <Offers {...props} block={blocks.offers} />}
    </Shell>
  );
}
