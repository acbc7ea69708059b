import { type Found, type MailCheck, warning } from './finding.ts';

/** A mail that says nothing of dark mode is inverted by clients as they see fit. */
export const darkMode: MailCheck = {
  name: 'dark-mode',
  look: ({ elements, html }) => {
    const found: Found[] = [];
    const declared = elements.some(
      ({ tag, attributes }) =>
        tag === 'meta' &&
        attributes.get('name') === 'color-scheme' &&
        /dark/.test(attributes.get('content') ?? ''),
    );
    if (!declared)
      found.push(
        warning(
          'has no <meta name="color-scheme" content="light dark">',
          'use {{> head}} or <MailHead>',
        ),
      );
    if (!/@media[^{]*prefers-color-scheme\s*:\s*dark/.test(html))
      found.push(
        warning(
          'has no styles for dark mode',
          'use {{> head}} or <MailHead>, and the classes page, surface, text … of docs/templates.md',
        ),
      );
    return found;
  },
};
