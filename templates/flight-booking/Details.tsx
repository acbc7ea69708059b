import { Fragment, type ReactElement, type ReactNode } from 'react';

import type { Direction } from '../../src/brand/direction.ts';
import { camelCase } from '../../src/core/camel-case.ts';
import type { T } from '../../src/render/react/template-props.ts';
import type { Format } from '../../src/render/voice/format.ts';
import { type Look, sidesOf } from '../partials/look.ts';
import type { FlightBooking } from './template.ts';

type Props = {
  readonly data: FlightBooking;
  readonly dir: Direction;
  readonly look: Look;
  readonly t: T;
  readonly format: Format;
};

/** Who travels, what the fare includes, and what it costs. */
export function Details({ data, dir, look, t, format }: Props): ReactElement {
  const { fare, extras, passengers } = data;
  const money = (amount: number) => format.money(amount, fare.currency);
  // A benefit the words don't know is left out rather than shown as a code.
  const included = data.includes
    .map((type) => t('booking.include', { type: camelCase(type) }))
    .filter((words) => words !== '');
  return (
    <table role="presentation" width="100%" style={{ paddingTop: 28 }}>
      <tbody>
        <Fact dir={dir} look={look} label={t('booking.passengers', { count: passengers.length })}>
          <Joined values={passengers} dir={dir} />
        </Fact>
        {included.length > 0 && (
          <Fact dir={dir} look={look} label={t('booking.included')}>
            {included.join(', ')}
          </Fact>
        )}
        {extras.length > 0 && (
          <Fact dir={dir} look={look} label={t('booking.extras')}>
            {extras.map(({ productId, name, price }) => (
              <span key={productId} style={{ display: 'block' }}>
                <bdi>{name}</bdi>, {money(price)}
              </span>
            ))}
          </Fact>
        )}
        <Fact
          dir={dir}
          look={look}
          label={fare.payable === fare.total ? t('booking.totalToPay') : t('booking.total')}
        >
          <b>{money(fare.total)}</b>
        </Fact>
        {fare.payable > 0 && fare.payable !== fare.total && (
          <Fact dir={dir} look={look} label={t('booking.payable')}>
            <b>{money(fare.payable)}</b>
          </Fact>
        )}
        <Fact dir={dir} look={look} label={t('booking.booked')}>
          {format.date(data.bookedAt)}
        </Fact>
      </tbody>
    </table>
  );
}

/** Names one after the other, each kept together where a line runs the other way. */
function Joined({
  values,
  dir,
}: {
  readonly values: readonly string[];
  readonly dir: Direction;
}): ReactElement {
  return (
    <>
      {values.map((value, index) => (
        <Fragment key={value}>
          {index > 0 && (dir === 'rtl' ? '، ' : ', ')}
          <bdi>{value}</bdi>
        </Fragment>
      ))}
    </>
  );
}

function Fact({
  dir,
  look,
  label,
  children,
}: {
  readonly dir: Direction;
  readonly look: Look;
  readonly label: string;
  readonly children: ReactNode;
}): ReactElement {
  const cell = { padding: '10px 0', borderTop: `1px solid ${look.colours.line}` };
  return (
    <tr>
      <td
        className="muted line"
        width="34%"
        valign="top"
        style={{ ...look.muted, ...cell, [sidesOf(dir).paddingEnd]: 12 }}
      >
        {label}
      </td>
      <td
        className="text line"
        valign="top"
        style={{ ...look.text, ...cell, overflowWrap: 'anywhere' }}
      >
        {children}
      </td>
    </tr>
  );
}
