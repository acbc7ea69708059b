/** What `laurel.config.ts` and the files beside it are made with. */
export { defineConfig, type LaurelConfig } from '../project/config.ts';
export { defineTemplate } from '../decision/define-template.ts';
export { defineBlock, type Block, type BlockOutcome } from '../decision/blocks/block.ts';
export { defineRule, type OwnRule } from '../decision/policy.ts';
export { hide, pass, suppress, type MemberFacts, type Verdict } from '../decision/rules/rule.ts';
export { defineSource, keyOf, type Source, type SourceKind } from '../profile/sources/source.ts';
export { SourceFault } from '../profile/sources/fault.ts';
export { defineTransport, type TransportKind } from '../transports/index.ts';
export { assertEnvelope, type Transport } from '../transports/transport.ts';
export { isSignedBy } from '../http/webhooks/hmac.ts';
export { defineWebhook, type Receiver, type WebhookAdapter } from '../http/webhooks/adapter.ts';

export type { Brand } from '../brand/brand.ts';
export type { Offer, Product } from '../brand/catalogue.ts';
export type { Decision, Finding } from '../contract/decision.ts';
export type { HandOver, OutgoingMail } from '../contract/email.ts';
export type { Fact } from '../contract/fact-text.ts';
export type { Facts } from '../contract/facts.ts';
export type { MessageRequest } from '../contract/message.ts';
export type { Order } from '../contract/order.ts';
export type { Profile } from '../contract/profile.ts';
export type { Reason } from '../contract/reasons.ts';
export type { Template, TemplateDefinition } from '../contract/template.ts';
export {
  type LinkedData,
  type LinkedOrder,
  priceOf,
  withoutOffset,
} from '../contract/linked-data.ts';
export { YearFigures } from '../contract/year-figures.ts';
export { pointsToKeep } from '../decision/blocks/keeping-tier.ts';

/** Failures that mean something to a worker: for good, or worth another try. */
export { InvalidInput, PermanentError, TemporaryError } from '../core/errors.ts';

/** Fields that most templates' data have. */
export { lastDayOf } from '../core/calendar.ts';
export { camelCase } from '../core/camel-case.ts';
export { Currency, Money } from '../core/money.ts';
export {
  ClockTime,
  Day,
  Instant,
  line,
  LocalTime,
  Minor,
  noonOf,
  Reference,
  Things,
  WebUrl,
} from '../../templates/fields.ts';
