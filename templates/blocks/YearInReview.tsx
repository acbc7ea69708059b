import type { ReactElement, ReactNode } from 'react';

import type { Direction } from '../../src/brand/direction.ts';
import type { Money } from '../../src/core/money.ts';
import type { yearInReview } from '../../src/decision/blocks/year-in-review.ts';
import type { BlockProps } from '../../src/render/react/template-props.ts';
import type { Format } from '../../src/render/voice/format.ts';
import { Card } from '../partials/Card.tsx';
import { type Look, lookOf, sidesOf } from '../partials/look.ts';
import { Bars } from './Bars.tsx';
import { Months } from './Months.tsx';

/**
 * The year as a handful of cards, each with one thing to say. A figure that is nothing has no card; the small variant
 * has no figures at all.
 */
export function YearInReview({
  view: { brand, dir },
  block: { figures, tier, memberSince },
  t,
  format,
  picture,
}: BlockProps<typeof yearInReview>): ReactElement {
  const look = lookOf(brand);
  const { colours, radius } = look;
  if (figures === null) {
    return (
      <Story look={look}>
        <p className="text" style={look.lead}>
          {t('year.thanksBody', { date: format.date(memberSince, 'monthYear') })}
        </p>
      </Story>
    );
  }
  const { favourite, busiestMonth, favouriteStore, spent, saved } = figures;
  const onHighlight = { color: colours.onHighlight };
  const points = [
    { label: t('year.earned'), value: figures.pointsEarned },
    { label: t('year.used'), value: figures.pointsSpent },
  ].filter(({ value }) => value > 0);
  const money = [
    { label: t('year.spentLabel'), value: spent },
    { label: t('year.savedLabel'), value: saved },
  ].filter(({ value }) => value.amount > 0);
  return (
    <>
      {favourite && (
        <Card
          className="highlight"
          inner="card"
          gap={16}
          style={{
            backgroundColor: colours.highlight,
            borderRadius: radius,
            padding: '32px',
          }}
        >
          <p className="highlight" style={{ ...look.text, ...onHighlight }}>
            {t('year.favouriteLabel')}
          </p>
          <h2
            className="highlight big"
            style={{ ...look.h1, ...onHighlight, fontSize: 40, lineHeight: '47px' }}
          >
            <bdi>{favourite.name}</bdi>
          </h2>
          <p className="highlight" style={{ ...look.text, ...onHighlight, paddingTop: 4 }}>
            {t('year.favouriteCount', { count: favourite.count })}
          </p>
        </Card>
      )}
      {busiestMonth !== null && (
        <Story look={look} label={t('year.monthLabel')} title={format.month(busiestMonth)}>
          <p className="muted" style={{ ...look.muted, paddingTop: 4 }}>
            {t('year.monthBody')}
          </p>
          <Months
            busiest={busiestMonth}
            counts={figures.byMonth}
            dir={dir}
            look={look}
            dark={brand.colours.dark}
            format={format}
            picture={picture}
          />
        </Story>
      )}
      {favouriteStore !== null && (
        <Story look={look} label={t('year.storeLabel')} title={favouriteStore} />
      )}
      {money.length > 0 && (
        <Story look={look}>
          <Amounts {...{ money, dir, look, format }} />
        </Story>
      )}
      {points.length > 0 && (
        <Story look={look} title={t('year.pointsLabel')}>
          <Bars
            bars={points.map(({ label, value }) => ({ label, value, text: format.number(value) }))}
            look={look}
          />
        </Story>
      )}
      <Story look={look}>
        <p className="text" style={{ ...look.lead, paddingTop: 0 }}>
          {t('year.closing', { tier })}
        </p>
      </Story>
    </>
  );
}

/** Amounts beside each other. */
function Amounts({
  money,
  dir,
  look,
  format,
}: {
  readonly money: readonly { readonly label: string; readonly value: Money }[];
  readonly dir: Direction;
  readonly look: Look;
  readonly format: Format;
}): ReactElement {
  return (
    <table role="presentation" width="100%">
      <tbody>
        <tr>
          {money.map(({ label, value }) => (
            <td
              key={label}
              className="half"
              width="50%"
              valign="bottom"
              style={{ [sidesOf(dir).paddingEnd]: 8 }}
            >
              <p className="muted" style={look.muted}>
                {label}
              </p>
              <p className="text" style={{ ...look.h1, fontSize: 28, lineHeight: '36px' }}>
                {format.money(value)}
              </p>
            </td>
          ))}
        </tr>
      </tbody>
    </table>
  );
}

function Story({
  look,
  label,
  title,
  children,
}: {
  readonly look: Look;
  readonly label?: string;
  readonly title?: string;
  readonly children?: ReactNode;
}): ReactElement {
  return (
    <Card className="surface" inner="card" style={{ ...look.card, padding: '30px 32px' }} gap={16}>
      {label !== undefined && (
        <p className="muted" style={look.muted}>
          {label}
        </p>
      )}
      {title !== undefined && (
        <h2 className="text" style={{ ...look.h1, fontSize: 28, lineHeight: '36px' }}>
          <bdi>{title}</bdi>
        </h2>
      )}
      {children}
    </Card>
  );
}
