import { error, type Found, type MailCheck, warning } from './finding.ts';

/** Most mail clients show pictures late or never: the mail has to hold without them. */
export const images: MailCheck = {
  name: 'images',
  look: ({ elements }) => {
    const found: Found[] = [];
    for (const { tag, attributes } of elements) {
      if (tag !== 'img') continue;
      const source = attributes.get('src') ?? '';
      const name = source.slice(0, 80) || 'without address';
      if (source === '')
        found.push(error('a picture has no address', 'give it a src or take it out', '<img'));
      else if (/^data:/i.test(source))
        found.push(
          error(
            'a picture is written into the html (data:), which Gmail and Outlook don’t show',
            'serve it over https or attach it',
            'data:',
          ),
        );
      else if (!/^(https|cid):/i.test(source))
        found.push(
          error(`picture ${name} is not loaded over https`, 'serve it over https', source),
        );
      if (!attributes.has('alt'))
        found.push(
          error(
            `picture ${name} has no alt`,
            'say what it shows, or alt="" where it is decoration',
            source,
          ),
        );
      if (!attributes.has('width') && !/(^|;)\s*width\s*:/.test(attributes.get('style') ?? ''))
        found.push(
          warning(
            `picture ${name} has no width`,
            'give width (and height) as attributes: Outlook shows it at its own size otherwise',
            source,
          ),
        );
    }
    return found;
  },
};
