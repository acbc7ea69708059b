import { z } from 'zod';

import { defineTemplate } from '../../src/decision/define-template.ts';
import { Instant, line, Reference } from '../fields.ts';

const BonusReminder = z.strictObject({
  bonusId: Reference,
  name: line(120),
  useBy: Instant,
});

export const bonusReminder = defineTemplate({
  name: 'bonus-reminder',
  title: 'Bonus reminder',
  class: 'commercial',
  for: 'member-in-good-standing',
  schema: BonusReminder,
  blocks: ['bonus', 'offers'],
  headline: ({ name, useBy }) => ({ bonus: name, useBy: new Date(useBy) }),
  names: ({ bonusId }) => ({ name: `bonuses.${bonusId}` }),
  about: ({ bonusId }) => [`bonus:${bonusId}`],
  bonusId: ({ bonusId }) => bonusId,
  // Nothing to remind of once it is used, lapsed, or was never (or is no longer) hers; nor once all points are spent, for
  // then its own are, whether or not anybody said so.
  satisfied: ({ bonusId }, profile) => {
    const found = profile.bonuses.find((bonus) => bonus.bonusId === bonusId);
    if (found?.state === 'granted') {
      if (found.points <= 0 || profile.activePoints > 0) return undefined;
      return {
        actual: { state: 'spent', activePoints: profile.activePoints },
        needed: { state: 'granted', activePoints: 'more than none' },
      };
    }
    return {
      actual: found ? { state: found.state, usedAt: found.usedAt } : null,
      needed: { state: 'granted' },
    };
  },
  onUnknown: 'resend',
});
