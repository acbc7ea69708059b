import { error, type MailCheck } from './finding.ts';

/** A mail that sells has a way out one can see, not only the header. */
export const unsubscribe: MailCheck = {
  name: 'unsubscribe',
  look: ({ template, elements, unsubscribeUrl }) => {
    if (template.class !== 'commercial') return [];
    const there = elements.some(
      ({ tag, attributes }) => tag === 'a' && attributes.get('href') === unsubscribeUrl,
    );
    return there
      ? []
      : [
          error(
            'has no link to unsubscribe',
            'link to {{link links.unsubscribe}}, as partials/footer.mjml does',
          ),
        ];
  },
};
