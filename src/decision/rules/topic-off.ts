import { topicOf } from '../../brand/preferences.ts';
import { type MessageRule, pass, suppress } from './rule.ts';

/** A member who takes mails of the brand may have switched off what this one is about. */
export const topicOff: MessageRule = {
  name: 'topic-off',
  version: 1,
  check: ({ template, brand, profile }) => {
    const topic = template.class === 'commercial' ? topicOf(brand, template.name)?.id : undefined;
    if (topic === undefined) return pass();
    const said = profile?.mailing?.topics[topic];
    if (said?.granted !== false) return pass({ actual: topic, needed: null });
    return suppress('topic-off', {
      actual: { topic, at: said.at, source: said.source },
      needed: 'a topic that is on',
      flip: { text: 'The member switches the topic on again.' },
    });
  },
};
