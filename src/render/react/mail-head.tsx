import type { ReactElement, ReactNode } from 'react';

import { jsonLdText } from '../json-ld.ts';
import { darkModeCss, headingCss } from '../mjml/mail-head-css.ts';
import { preheaderPadding } from '../preheader-padding.ts';
import type { MailProps } from './template-props.ts';

type Props = Pick<MailProps, 'subject' | 'linkedData'> & {
  readonly view: Pick<MailProps['view'], 'brand' | 'dir'>;
  /** Further elements of the head. */
  readonly children?: ReactNode;
};

/** The head every React mail needs: charset, title, colour schemes, dark mode of the brand. What `{{> head}}` is to MJML. */
export function MailHead({ subject, view, linkedData, children }: Props): ReactElement {
  return (
    <head>
      <meta httpEquiv="Content-Type" content="text/html; charset=UTF-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="x-apple-disable-message-reformatting" />
      <meta name="color-scheme" content="light dark" />
      <meta name="supported-color-schemes" content="light dark" />
      <meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no" />
      <title>{subject}</title>
      <style>{`${headingCss(view.brand, view.dir)}\n${darkModeCss(view.brand)}`}</style>
      {linkedData.length > 0 && (
        <script
          type="application/ld+json"
          // Without <, > and &, which is all that could end the element.
          dangerouslySetInnerHTML={{ __html: jsonLdText(linkedData) }}
        />
      )}
      {children}
    </head>
  );
}

/** The text mail lists show after the subject; hidden in the mail, followed by blanks so that nothing else is pulled up. */
export function Preheader({ preheader }: Pick<MailProps, 'preheader'>): ReactElement {
  return (
    <div
      data-skip-in-text
      style={{
        display: 'none',
        overflow: 'hidden',
        lineHeight: '1px',
        opacity: 0,
        maxHeight: 0,
        maxWidth: 0,
      }}
    >
      {preheader}
      {preheader !== '' && preheaderPadding}
    </div>
  );
}
