import type { ReactElement } from 'react';

import type { offers } from '../../src/decision/blocks/offers.ts';
import type { BlockProps } from '../../src/render/react/template-props.ts';
import { Button } from '../partials/Button.tsx';
import { Card } from '../partials/Card.tsx';
import { lookOf } from '../partials/look.ts';
import { Picture } from '../partials/Picture.tsx';

export function Offers({
  view: { brand },
  block,
  t,
  format,
  link,
}: BlockProps<typeof offers>): ReactElement {
  const look = lookOf(brand);
  const { colours } = look;
  return (
    <Card
      className="surface"
      inner="card"
      style={{ ...look.card, padding: '32px 32px 12px' }}
      gap={16}
    >
      <h2 className="text" style={{ ...look.h2, paddingBottom: 14 }}>
        {t('offers.title')}
      </h2>
      {block.items.map(({ offerId, title, body, url, imageUrl, code, endsAt, category }) => (
        <table key={offerId} role="presentation" width="100%">
          <tbody>
            <tr>
              <td
                className="line"
                style={{ padding: '20px 0 22px', borderTop: `1px solid ${colours.line}` }}
              >
                <Picture url={imageUrl} look={look} link={link} />
                <h3 className="text" style={{ ...look.h3, fontSize: 18, lineHeight: '25px' }}>
                  <bdi>{title}</bdi>
                </h3>
                <p className="text" style={{ ...look.text, paddingTop: 4 }}>
                  <bdi>{body}</bdi>
                </p>
                {category !== null && (
                  <p className="muted" style={{ ...look.small, paddingTop: 8 }}>
                    {t('offers.because', { category })}
                  </p>
                )}
                <p className="muted" style={{ ...look.small, paddingTop: 8 }}>
                  {t('offers.until', { date: format.date(endsAt) })}
                  {code !== null && (
                    <>
                      {' · '}
                      {t('offers.code')}{' '}
                      <span
                        className="line text"
                        style={{
                          color: colours.text,
                          border: `1px dashed ${colours.line}`,
                          padding: '2px 8px',
                          fontFamily: 'Courier New, Courier, monospace',
                          fontWeight: 'bold',
                        }}
                      >
                        {code}
                      </span>
                    </>
                  )}
                </p>
                <Button
                  to={url}
                  text={t('offers.button')}
                  label={t('offers.buttonFor', { title })}
                  kind="ghost"
                  link={link}
                  look={look}
                />
              </td>
            </tr>
          </tbody>
        </table>
      ))}
    </Card>
  );
}
