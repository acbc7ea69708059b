import type { ReactElement } from 'react';

import type { TemplateProps } from '../../src/render/react/template-props.ts';
import { Status } from '../blocks/Status.tsx';
import { Button } from '../partials/Button.tsx';
import { Card } from '../partials/Card.tsx';
import { lookOf } from '../partials/look.ts';
import { Shell } from '../partials/Shell.tsx';
import type { tierChanged } from './template.ts';

export default function TierChangedMail(props: TemplateProps<typeof tierChanged>): ReactElement {
  const { view, t, format, link } = props;
  const { brand, blocks, data, member } = view;
  const { status } = blocks;
  const look = lookOf(brand);
  const { colours, radius } = look;
  const on = { color: colours.onHighlight };
  const name = member?.firstName;
  return (
    <Shell {...props}>
      {status && (
        <Card
          className="highlight"
          inner="card"
          style={{ backgroundColor: colours.highlight, borderRadius: radius, padding: '48px 32px' }}
        >
          <p className="highlight" style={{ ...look.small, ...on }}>
            {t('changed.since', { date: format.date(data.at) })}
          </p>
          <h1
            className="highlight big"
            style={{ ...look.h1, ...on, fontSize: 44, lineHeight: '52px', paddingTop: 6 }}
          >
            {name
              ? t('changed.titleNamed', { name, tier: status.tier })
              : t('changed.title', { tier: status.tier })}
          </h1>
        </Card>
      )}
      <Card className="surface" inner="card" style={look.card} gap={status ? 16 : 0}>
        {status ? (
          status.benefits.length > 0 && (
            <table role="presentation" width="100%">
              <tbody>
                <tr>
                  <td colSpan={2} style={{ paddingBottom: 4 }}>
                    <h2 className="text" style={look.h2}>
                      {t('changed.brings')}
                    </h2>
                  </td>
                </tr>
                {status.benefits.map((benefit) => (
                  <tr key={benefit}>
                    <td
                      className="accent-text"
                      width="30"
                      valign="top"
                      aria-hidden="true"
                      style={{
                        ...look.text,
                        color: colours.accent,
                        paddingTop: 10,
                        fontWeight: 'bold',
                      }}
                    >
                      ✓
                    </td>
                    <td className="text" valign="top" style={{ ...look.text, paddingTop: 10 }}>
                      {benefit}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        ) : (
          <>
            <h1 className="text big" style={look.h1}>
              {t('changed.plainTitle')}
            </h1>
            <p className="text" style={look.lead}>
              {t('changed.plain')}
            </p>
          </>
        )}
        <Button
          to={link(brand.siteUrl, ['account'])}
          text={t('changed.button')}
          kind="ghost"
          link={link}
          look={look}
        />
      </Card>
      {status && <Status {...props} block={status} />}
    </Shell>
  );
}
