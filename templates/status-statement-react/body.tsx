import type { ReactElement } from 'react';

import type { TemplateProps } from '../../src/render/react/template-props.ts';
import { PointsStatement } from '../blocks/PointsStatement.tsx';
import { Savings } from '../blocks/Savings.tsx';
import { Status } from '../blocks/Status.tsx';
import { Tenure } from '../blocks/Tenure.tsx';
import { UpcomingDeals } from '../blocks/UpcomingDeals.tsx';
import { Button } from '../partials/Button.tsx';
import { Card } from '../partials/Card.tsx';
import { lookOf } from '../partials/look.ts';
import { Shell } from '../partials/Shell.tsx';
import type { statusStatementReact } from './template.ts';

export default function StatusStatementMail(
  props: TemplateProps<typeof statusStatementReact>,
): ReactElement {
  const { view, t, link } = props;
  const { brand, blocks, member } = view;
  const look = lookOf(brand);
  const name = member?.firstName;
  return (
    <Shell {...props}>
      <Card className="surface" inner="card" style={look.card}>
        <h1 className="text big" style={look.h1}>
          {name ? t('statement.headingNamed', { name }) : t('statement.heading')}
        </h1>
        {blocks.tenure ? (
          <Tenure {...props} block={blocks.tenure} />
        ) : (
          <p className="text" style={look.lead}>
            {t('statement.plain')}
          </p>
        )}
        {blocks.pointsStatement && <PointsStatement {...props} block={blocks.pointsStatement} />}
        {blocks.savings && <Savings {...props} block={blocks.savings} />}
        <div style={{ paddingTop: 6 }}>
          <Button
            to={link(brand.siteUrl, ['account'])}
            text={t('statement.button')}
            kind="ghost"
            link={link}
            look={look}
          />
        </div>
      </Card>
      {blocks.status && <Status {...props} block={blocks.status} />}
      {blocks.upcomingDeals && <UpcomingDeals {...props} block={blocks.upcomingDeals} />}
    </Shell>
  );
}
