import { error, type Found, type MailCheck } from '../finding.ts';

/** What mail clients make their own button of (RFC 2369, RFC 8058), as Gmail and Yahoo ask of everything that sells. */
export const oneClick: MailCheck = {
  name: 'one-click',
  look: ({ template, sells, headers }) => {
    if (!sells) return [];
    const valueOf = (wanted: string) =>
      headers.find(([name]) => name.toLowerCase() === wanted)?.[1].trim();
    const found: Found[] = [];
    if (!/<https:\/\/[^<>\s]+>/.test(valueOf('list-unsubscribe') ?? ''))
      found.push(
        error(
          'has no List-Unsubscribe header with an https address',
          'set PUBLIC_URL to the https address Laurel is reached at',
        ),
      );
    if (
      template.class === 'commercial' &&
      valueOf('list-unsubscribe-post') !== 'List-Unsubscribe=One-Click'
    )
      found.push(
        error(
          'has no header List-Unsubscribe-Post: List-Unsubscribe=One-Click',
          'Laurel adds it to templates of class commercial: leave its headers as they are',
        ),
      );
    return found;
  },
};
