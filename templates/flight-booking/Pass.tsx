import type { ReactElement, ReactNode } from 'react';

import type { Direction } from '../../src/brand/direction.ts';
import type { T } from '../../src/render/react/template-props.ts';
import type { Format } from '../../src/render/voice/format.ts';
import { type Look, sidesOf } from '../partials/look.ts';
import type { Segment } from './template.ts';

type Props = {
  readonly segment: Segment;
  readonly dir: Direction;
  readonly look: Look;
  readonly t: T;
  readonly format: Format;
};

/** Times are the airports' own: kept and shown in UTC, so that no time zone moves them. */
const local = { timeZone: 'UTC' };
const dayMs = 86_400_000;

/** Days between two dates on the calendars of their places: 1 for an arrival in the next morning. */
const daysBetween = (from: string, to: string) =>
  (Date.parse(to.slice(0, 10)) - Date.parse(from.slice(0, 10))) / dayMs;

/** One flight, drawn like a boarding pass. */
export function Pass({ segment, dir, look, t, format }: Props): ReactElement {
  const { flight, from, to, departsAt, arrivesAt, cabin } = segment;
  const { colours, radius } = look;
  const { end } = sidesOf(dir);
  const [left, right] = [`${radius}px 0 0 0`, `0 ${radius}px 0 0`];
  const days = daysBetween(departsAt, arrivesAt);
  const early = days < 0 ? t('booking.previousDay') : null;
  const otherDay = days > 0 ? t('booking.nextDay', { days }) : early;
  // Not the accent in dark mode: a bright strip on every flight.
  const on = {
    ...look.small,
    color: colours.onAccent,
    padding: '12px 20px',
    overflowWrap: 'anywhere',
  } as const;
  const line = `1px solid ${colours.line}`;
  return (
    <table
      role="presentation"
      width="100%"
      className="line"
      style={{ marginTop: 20, border: line, borderRadius: radius }}
    >
      <tbody>
        <tr>
          <td
            className="strip"
            style={{
              ...on,
              backgroundColor: colours.accent,
              borderRadius: dir === 'ltr' ? left : right,
              fontWeight: 'bold',
            }}
          >
            {format.date(departsAt, 'weekday', local)}
          </td>
          <td
            className="strip"
            align={end}
            style={{
              ...on,
              backgroundColor: colours.accent,
              borderRadius: dir === 'ltr' ? right : left,
            }}
          >
            {t('booking.flight', { number: flight })}
          </td>
        </tr>
        <tr>
          <td colSpan={2} style={{ padding: '18px 20px 16px' }}>
            <table role="presentation" width="100%">
              <tbody>
                <tr>
                  <Stop dir={dir} look={look} label={t('booking.departs')} place={from}>
                    {format.date(departsAt, 'time', local)}
                  </Stop>
                  <td
                    className="accent-text"
                    align="center"
                    valign="middle"
                    aria-hidden="true"
                    style={{ color: colours.accent, fontSize: 24, lineHeight: '30px' }}
                  >
                    {dir === 'ltr' ? '→' : '←'}
                  </td>
                  <Stop dir={dir} look={look} label={t('booking.arrives')} place={to} end>
                    {format.date(arrivesAt, 'time', local)}
                    {otherDay !== null && (
                      <span
                        className="muted"
                        style={{ color: colours.muted, fontSize: 13, fontWeight: 'normal' }}
                      >
                        {' '}
                        {otherDay}
                      </span>
                    )}
                  </Stop>
                </tr>
              </tbody>
            </table>
          </td>
        </tr>
        <tr>
          <td
            colSpan={2}
            className="tear muted"
            style={{
              ...look.small,
              padding: '12px 20px',
              borderTop: `2px dashed ${colours.line}`,
            }}
          >
            {t('booking.cabin', { cabin })}
          </td>
        </tr>
      </tbody>
    </table>
  );
}

function Stop({
  dir,
  look,
  label,
  place,
  end = false,
  children,
}: {
  readonly dir: Direction;
  readonly look: Look;
  readonly label: string;
  readonly place: Segment['from'];
  /** At the end of the line rather than its start. */
  readonly end?: boolean;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <td width="44%" valign="top" align={sidesOf(dir)[end ? 'end' : 'start']}>
      <p className="muted" style={{ ...look.small, fontSize: 13 }}>
        {label}
      </p>
      <p
        className="text"
        style={{ ...look.h1, fontSize: 36, lineHeight: '42px', letterSpacing: '0.04em' }}
      >
        {place.code}
      </p>
      <p className="text" style={{ ...look.text, overflowWrap: 'anywhere' }}>
        {place.city}
      </p>
      <p className="text" style={{ ...look.h3, fontSize: 20, lineHeight: '28px', paddingTop: 6 }}>
        {children}
      </p>
    </td>
  );
}
