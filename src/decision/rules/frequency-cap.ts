import { cappedBy, capsOf } from '../frequency.ts';
import { type MessageRule, pass, suppress } from './rule.ts';

/** Of everything commercial a member gets so many mails in so many days, as the brand has it and as they want it themselves. */
export const frequencyCap: MessageRule = {
  name: 'frequency-cap',
  version: 2,
  check: ({ timing, brand: { sending }, profile, template, now }) => {
    const caps = timing && capsOf(sending, profile);
    if (!caps) return pass();
    const capped = cappedBy(caps, template.name, timing.recent, now);
    if (!capped) return pass({ actual: timing.recent.length, needed: 'room under every cap' });
    return suppress('frequency-capped', {
      actual: {
        mails: capped.counted.length,
        templates: [...new Set(capped.counted.map((one) => one.template))],
      },
      needed: {
        fewerThan: capped.most,
        inDays: capped.days,
        ...(capped.wished && { by: 'the member' }),
      },
      flip: {
        text: capped.wished
          ? 'The member wants mails more often.'
          : 'The mail is worth more than those, or the cap allows more.',
      },
    });
  },
};
