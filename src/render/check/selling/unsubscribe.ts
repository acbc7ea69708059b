import { error, type MailCheck } from '../finding.ts';
import { isHidden } from '../mail-elements.ts';

/** A mail that sells has a way out one can see, not only the header. */
export const unsubscribe: MailCheck = {
  name: 'unsubscribe',
  look: ({ sells, elements, text, unsubscribeUrl }) => {
    if (!sells) return [];
    const fix = 'link to {{link links.unsubscribe}}, as partials/footer does';
    const there = elements.some(
      (element) =>
        element.tag === 'a' &&
        element.attributes.get('href') === unsubscribeUrl &&
        element.text !== '' &&
        !isHidden(element),
    );
    return [
      ...(there ? [] : [error('has no link to unsubscribe', fix)]),
      ...(unsubscribeUrl !== null && text.includes(unsubscribeUrl)
        ? []
        : [error('has no address to unsubscribe in its text part', fix)]),
    ];
  },
};
