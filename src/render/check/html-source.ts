import { ErrorCodes, parse, type ParserError } from 'parse5';

import { error, type Found, type MailCheck, warning } from './finding.ts';

/** What is written in a way that mail programs read as something else. */
export const htmlSource: MailCheck = {
  name: 'html-source',
  look: ({ html, elements }) => [
    ...twice(html),
    ...addressesInAddresses(elements),
    ...halves(html),
  ],
};

/** Of an attribute written twice, programs read the first. */
function twice(html: string): Found[] {
  const at: number[] = [];
  const onParseError = ({ code, startOffset }: ParserError) => {
    if (code === ErrorCodes.duplicateAttribute) at.push(startOffset);
  };
  parse(html, { sourceCodeLocationInfo: true, onParseError });
  return at.map((position) => {
    const tag = html.slice(html.lastIndexOf('<', position), html.indexOf('>', position) + 1);
    const name = /([\w:-]+)\s*=?$/.exec(html.slice(0, position + 1))?.[1] ?? 'an attribute';
    return error(
      `${name} is written twice in ${tag.slice(0, 80)}: mail programs read the first alone`,
      'keep one',
      /(?:href|src)\s*=\s*["']([^"']+)/.exec(tag)?.[1],
    );
  });
}

/** A share link that carries the shared address as it is: what follows its first “&” is lost to the page that is opened. */
function addressesInAddresses(elements: Parameters<MailCheck['look']>[0]['elements']): Found[] {
  return elements.flatMap(({ tag, attributes }) => {
    const href = tag === 'a' ? (attributes.get('href') ?? '') : '';
    const inner = /[?&][\w.-]+=(https?:\/\/[^\s]*)/i.exec(href)?.[1] ?? '';
    return /\?[^&]*&/.test(inner)
      ? [
          warning(
            `the address ${inner.slice(0, 60)} stands unencoded within ${href.slice(0, 40)}…: what comes after its & belongs to the outer one`,
            'encode it, as {{link … url=…}} does',
            href.slice(0, 60),
          ),
        ]
      : [];
  });
}

/** Conditions for Outlook open and close one another, in the order they are read. */
function halves(html: string): Found[] {
  const found: Found[] = [];
  let open: string | null = null;
  for (const [sign] of html.matchAll(/<!(?:--)?\[if\b[^\]]*\]|<!\[endif\]/gi)) {
    const ends = /endif/i.test(sign);
    if (ends && open === null)
      found.push(
        error(
          'a <![endif] closes no condition: Outlook shows it or skips what follows',
          'take it out, or open its condition before',
        ),
      );
    if (!ends && open !== null)
      found.push(
        error(
          `${sign} begins within ${open}: Outlook ends both at the first <![endif]`,
          'close the first before',
          sign,
        ),
      );
    open = ends ? null : sign;
  }
  if (open !== null)
    found.push(
      error(
        `${open} is never closed: Outlook shows nothing after it`,
        'close it with <![endif]-->',
        open,
      ),
    );
  return found;
}
