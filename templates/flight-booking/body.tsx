import type { ReactElement } from 'react';

import type { TemplateProps } from '../../src/render/react/template-props.ts';
import { Entitlements } from '../blocks/Entitlements.tsx';
import { Offers } from '../blocks/Offers.tsx';
import { PointsBanner } from '../blocks/PointsBanner.tsx';
import { Status } from '../blocks/Status.tsx';
import { Button } from '../partials/Button.tsx';
import { Card } from '../partials/Card.tsx';
import { lookOf } from '../partials/look.ts';
import { Shell } from '../partials/Shell.tsx';
import { Details } from './Details.tsx';
import { Pass } from './Pass.tsx';
import { destinationOf, type flightBooking } from './template.ts';

export default function FlightBookingMail(
  props: TemplateProps<typeof flightBooking>,
): ReactElement {
  const { view, t, format, link } = props;
  const { data, blocks, member, brand } = view;
  const look = lookOf(brand);
  const city = destinationOf(data.segments)?.city ?? '';
  const name = member?.firstName;
  return (
    <Shell {...props}>
      <Card className="surface" inner="card" style={look.card}>
        <h1 className="text big" style={look.h1}>
          {name ? t('booking.titleNamed', { city, name }) : t('booking.title', { city })}
        </h1>
        <p className="text" style={look.lead}>
          {t('booking.lead')}
        </p>
        <p className="muted" style={{ ...look.small, paddingTop: 20 }}>
          {t('booking.reference')}
        </p>
        <p
          className="text"
          style={{
            ...look.h2,
            fontSize: 26,
            lineHeight: '34px',
            letterSpacing: '0.12em',
            overflowWrap: 'anywhere',
          }}
        >
          {data.bookingReference}
        </p>
        {data.segments.map((segment) => (
          <Pass
            key={`${segment.flight} ${segment.departsAt}`}
            segment={segment}
            dir={view.dir}
            look={look}
            t={t}
            format={format}
          />
        ))}
        {data.manageUrl !== undefined && (
          <Button
            to={data.manageUrl}
            text={t('booking.button')}
            kind="ghost"
            link={link}
            look={look}
          />
        )}
        <Details data={data} dir={view.dir} look={look} t={t} format={format} />
        {blocks.pointsBanner && <PointsBanner {...props} block={blocks.pointsBanner} />}
        {blocks.entitlements && <Entitlements {...props} block={blocks.entitlements} />}
      </Card>
      {blocks.status && <Status {...props} block={blocks.status} />}
      {blocks.offers && <Offers {...props} block={blocks.offers} />}
    </Shell>
  );
}
