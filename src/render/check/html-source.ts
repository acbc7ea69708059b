import { ErrorCodes, parse, type ParserError } from 'parse5';

import { error, type Found, type MailCheck, warning } from './finding.ts';

/** What is written in a way that mail programs read as something else. */
export const htmlSource: MailCheck = {
  name: 'html-source',
  look: ({ html, elements }) => [
    ...misreadTags(html),
    ...addressesInAddresses(elements),
    ...halves(html),
  ],
};

const quotes = (tag: string) =>
  error(
    `a quotation mark or = stands where an attribute’s name should, in ${tag}: mail programs read another tag than was written`,
    'close the value before it where it ends, and write &quot; within it',
    tag,
  );

/** What the html standard's parser finds wrong and mail programs make something else of; the rest of what it finds they forgive. */
const misread: Partial<Record<ErrorCodes, (tag: string, name: string) => Found>> = {
  [ErrorCodes.duplicateAttribute]: (tag, name) =>
    error(
      `${name} is written twice in ${tag}: mail programs read the first alone`,
      'keep one',
      /(?:href|src)\s*=\s*["']([^"']+)/.exec(tag)?.[1],
    ),
  [ErrorCodes.unexpectedCharacterInAttributeName]: quotes,
  [ErrorCodes.unexpectedEqualsSignBeforeAttributeName]: quotes,
  [ErrorCodes.unexpectedCharacterInUnquotedAttributeValue]: (tag) =>
    error(
      `a quotation mark stands in an attribute that none began, in ${tag}`,
      'put the whole value into quotation marks',
      tag,
    ),
  [ErrorCodes.eofInTag]: (tag) =>
    error(`${tag} is never closed: all after it is gone`, 'close it with >', tag),
  [ErrorCodes.eofInComment]: () =>
    error('a comment is never closed: all after it is gone', 'close it with -->', '<!--'),
  [ErrorCodes.nestedComment]: () =>
    error(
      'a comment begins within a comment: the first --> ends both, and what follows is shown',
      'close the first before',
      '<!--',
    ),
};

/** Each tag once for each thing that is wrong with it. */
function misreadTags(html: string): Found[] {
  const found = new Map<string, Found>();
  parse(html, {
    sourceCodeLocationInfo: true,
    onParseError: ({ code, startOffset }: ParserError) => {
      const tell = misread[code];
      const from = html.lastIndexOf('<', startOffset);
      const tag = html.slice(from, `${html}>`.indexOf('>', startOffset) + 1).slice(0, 80);
      const isAddress =
        code === ErrorCodes.unexpectedCharacterInUnquotedAttributeValue &&
        html[startOffset] === '=';
      if (!tell || isAddress) return;
      const name = /([\w:-]+)\s*=?$/.exec(html.slice(0, startOffset + 1))?.[1] ?? 'an attribute';
      const one = tell(tag, name);
      found.set(`${from} ${one.message}`, one);
    },
  });
  return [...found.values()];
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
