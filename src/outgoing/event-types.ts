/** Everything an endpoint can be told. Beginning with what it is about: `message.*` is all of that. */
export const webhookTypes = [
  'message.accepted',
  'message.held',
  'message.sent',
  'message.suppressed',
  'message.failed',
  'message.quarantined',
  'message.cancelled',
  'message.requeued',
  // What is told after it has left.
  'message.delivered',
  'message.delayed',
  'message.soft-bounce',
  'message.hard-bounce',
  'message.complaint',
  'message.unsubscribed',
  'message.clicked',
  'campaign.created',
  'campaign.started',
  'campaign.paused',
  'campaign.resumed',
  'campaign.pilot',
  'campaign.done',
  'campaign.cancelled',
  'trigger.fired',
  'trigger.skipped',
  'trigger.paused',
  'trigger.resumed',
  'suppression.added',
  'suppression.changed',
  'suppression.removed',
  'consent.changed',
  'pause.started',
  'pause.ended',
] as const;

const kinds = [...new Set(webhookTypes.map((type) => type.replace(/\..*/, '.*')))];
/** What an endpoint may ask for. */
export const webhookPatterns: readonly string[] = [...kinds, ...webhookTypes];

/** The types that patterns name, each once. */
export const typesOf = (patterns: readonly string[]): string[] =>
  webhookTypes.filter(
    (type) => patterns.includes(type) || patterns.includes(type.replace(/\..*/, '.*')),
  );
