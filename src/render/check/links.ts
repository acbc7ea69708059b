import { error, type Found, type MailCheck, warning } from './finding.ts';

/** Addresses nobody meant to send. */
const placeholder =
  /^(#|about:blank|https?:\/\/(www\.)?(example\.(com|org|net)|localhost|127\.0\.0\.1|yourdomain|your-domain|domain\.tld|todo|placeholder)\b)/i;
const vague = /^(click here|here|more|read more|hier|mehr|link)$/i;

/** The small pictures of MJML's carousel show the large one, and lead nowhere. */
const isCarousel = (attributes: ReadonlyMap<string, string>) =>
  /\bmj-carousel\b/.test(attributes.get('class') ?? '');

/** Every link leads somewhere, says where, and means the same wherever it says the same. */
export const links: MailCheck = {
  name: 'links',
  look: ({ elements }) => {
    const found: Found[] = [];
    const targets = new Map<string, Set<string>>();
    for (const { tag, attributes, text: written } of elements) {
      if (tag !== 'a') continue;
      const href = attributes.get('href');
      // What is read out is what tells links apart.
      const text = attributes.get('aria-label')?.trim() || written;
      const said = text === '' ? 'without text' : `“${text.slice(0, 60)}”`;
      if (href === undefined || isCarousel(attributes)) continue;
      if (href.trim() === '')
        found.push(
          error(`link ${said} leads nowhere`, 'give it an address or take it out', written),
        );
      else if (!/^(https?|mailto|tel|sms):/i.test(href) && !href.startsWith('#'))
        found.push(
          error(
            `link ${said} has the address ${href.slice(0, 80)}, which no mail client opens`,
            'write a whole https address',
            href,
          ),
        );
      else if (placeholder.test(href))
        found.push(
          error(
            `link ${said} leads to a placeholder: ${href.slice(0, 80)}`,
            'put the real address in',
            href,
          ),
        );
      else if (/^http:/i.test(href))
        found.push(
          warning(`link ${said} is not encrypted: ${href.slice(0, 80)}`, 'use https', href),
        );
      if (text === '')
        found.push(
          warning(
            `a link to ${href.slice(0, 80)} has no text`,
            'give it words, or its picture an alt',
            href,
          ),
        );
      if (vague.test(text))
        found.push(
          warning(`link ${said} doesn’t say where it leads`, 'name what is behind it', written),
        );
      const known = targets.get(text) ?? new Set();
      targets.set(text, known.add(href));
    }
    for (const [text, addresses] of targets)
      if (text !== '' && addresses.size > 2)
        found.push(
          warning(
            `${addresses.size} links say “${text.slice(0, 60)}” and lead to different places`,
            'say what makes them different, or add an aria-label',
            text,
          ),
        );
    return found;
  },
};
