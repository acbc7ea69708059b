import { type MessageRule, pass, suppress } from './rule.ts';

/** A cancelled trip or order stops every message still waiting that is about it (S12). */
export const subjectCancelled: MessageRule = {
  name: 'subject-cancelled',
  version: 1,
  check: ({ message, cancelled }) => {
    const subject = message.about.find((about) => cancelled.has(about));
    if (subject === undefined) return pass({ actual: [], needed: [] });
    return suppress('subject-cancelled', {
      actual: { subject, cancelledAt: cancelled.get(subject)?.toISOString() ?? null },
      needed: 'not cancelled',
      flip: { text: `Reinstate ${subject}.` },
    });
  },
};
