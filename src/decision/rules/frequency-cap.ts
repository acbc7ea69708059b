import { cappedBy } from '../frequency.ts';
import { type MessageRule, pass, suppress } from './rule.ts';

/** Of everything commercial a member gets so many mails in so many days; what is worth more comes first. */
export const frequencyCap: MessageRule = {
  name: 'frequency-cap',
  version: 1,
  check: ({ timing, brand: { sending }, template, now }) => {
    if (!timing || !sending || sending.caps.length === 0) return pass();
    const capped = cappedBy(sending, template.name, timing.recent, now);
    if (!capped) return pass({ actual: timing.recent.length, needed: 'room under every cap' });
    return suppress('frequency-capped', {
      actual: {
        mails: capped.counted.length,
        templates: [...new Set(capped.counted.map((one) => one.template))],
      },
      needed: { fewerThan: capped.most, inDays: capped.days },
      flip: { text: 'The mail is worth more than those, or the cap allows more.' },
    });
  },
};
