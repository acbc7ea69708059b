import { Body } from '@react-email/body';
import { Html } from '@react-email/html';
import type { ReactElement, ReactNode } from 'react';

import { MailHead, Preheader } from '../../src/render/react/mail-head.tsx';
import type { MailProps } from '../../src/render/react/template-props.ts';
import { extraCss, lookOf } from './look.ts';

type Props = MailProps & { readonly children: ReactNode };

/** What every React mail has around its cards: head, wordmark, footer. What header and footer partials are to MJML. */
export function Shell(props: Props): ReactElement {
  const { view, preheader, children } = props;
  const { brand } = view;
  const { colours } = lookOf(brand);
  return (
    <Html lang={view.locale} dir={view.dir}>
      <MailHead {...props}>
        <style>{extraCss(brand)}</style>
      </MailHead>
      <Body
        className="page"
        style={{ margin: 0, padding: 0, backgroundColor: colours.page, fontFamily: brand.font }}
      >
        <Preheader preheader={preheader} />
        <table
          role="presentation"
          width="100%"
          className="page"
          dir={view.dir}
          style={{ backgroundColor: colours.page, fontFamily: brand.font }}
        >
          <tbody>
            <tr>
              <td align="center" className="frame">
                <table
                  role="presentation"
                  width="100%"
                  style={{ maxWidth: 600, margin: '0 auto', textAlign: 'start' }}
                >
                  <tbody>
                    <tr>
                      <td className="edge" style={{ padding: '28px 32px 20px' }}>
                        <Wordmark {...props} />
                      </td>
                    </tr>
                    <tr>
                      <td>{children}</td>
                    </tr>
                    <tr>
                      <td className="edge" style={{ padding: '28px 32px 40px' }}>
                        <Footer {...props} />
                      </td>
                    </tr>
                  </tbody>
                </table>
              </td>
            </tr>
          </tbody>
        </table>
      </Body>
    </Html>
  );
}

function Wordmark({ view: { brand }, t, link }: MailProps): ReactElement {
  const { colours } = lookOf(brand);
  return (
    <a
      href={link(brand.siteUrl)}
      className="accent-text"
      style={{
        color: colours.accent,
        textDecoration: 'none',
        fontFamily: brand.headingFont,
        fontSize: 26,
        lineHeight: '32px',
        fontWeight: 'bold',
        letterSpacing: '0.01em',
      }}
    >
      {brand.logoUrl !== undefined && (
        <>
          <img
            src={link(brand.logoUrl)}
            alt=""
            width="40"
            height="40"
            style={{
              display: 'inline-block',
              verticalAlign: 'middle',
              border: 0,
            }}
          />
          {'\u00A0 '}
        </>
      )}
      {t('logo.first')}
      <span
        className="muted"
        style={{
          color: colours.muted,
          fontFamily: brand.font,
          fontSize: 13,
          fontWeight: 'normal',
          letterSpacing: '0.14em',
          textTransform: 'uppercase',
        }}
      >
        {'\u00A0 '}
        {t('logo.second')}
      </span>
    </a>
  );
}

function Footer({ view: { brand, links }, t, link }: MailProps): ReactElement {
  const { colours, small } = lookOf(brand);
  return (
    <>
      <p className="muted" style={small}>
        {t('footer.help')}
      </p>
      {links.unsubscribe !== null && (
        <p className="muted" style={{ ...small, paddingTop: 12 }}>
          {t('footer.consent')}{' '}
          {links.preferences !== null && (
            <>
              <a
                href={link(links.preferences)}
                className="muted"
                style={{ color: colours.muted, textDecoration: 'underline' }}
              >
                {t('footer.preferences')}
              </a>
              {' · '}
            </>
          )}
          <a
            href={link(links.unsubscribe)}
            className="muted"
            style={{ color: colours.muted, textDecoration: 'underline' }}
          >
            {t('footer.unsubscribe')}
          </a>
        </p>
      )}
      <p className="muted" style={{ ...small, paddingTop: 12 }}>
        {brand.legal.company} · {brand.legal.address}
      </p>
    </>
  );
}
