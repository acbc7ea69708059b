import { addressSuppressed } from './address-suppressed.ts';
import { afterEvent } from './after-event.ts';
import { alreadyRedeemed } from './already-redeemed.ts';
import { alreadySatisfied } from './already-satisfied.ts';
import { bonusUsed } from './bonus-used.ts';
import { couponLeft } from './coupon-left.ts';
import { erased } from './erased.ts';
import { expired } from './expired.ts';
import { frequencyCap } from './frequency-cap.ts';
import { goesWith } from './goes-with.ts';
import { justBought } from './just-bought.ts';
import { knownMember } from './known-member.ts';
import { marketingConsent, marketingConsentForBlock } from './marketing-consent.ts';
import { memberInGoodStanding } from './member-in-good-standing.ts';
import { neverBought } from './never-bought.ts';
import { notDue } from './not-due.ts';
import { requiredSource } from './not-known-now.ts';
import { outsideDates } from './outside-dates.ts';
import { preferenceConflict } from './preference-conflict.ts';
import type { BlockRule, MessageRule, OfferRule } from './rule.ts';
import { localTime, quietHours } from './send-window.ts';
import { subjectCancelled } from './subject-cancelled.ts';
import { tierNotEligible } from './tier-not-eligible.ts';
import { topicOff } from './topic-off.ts';
import { usageLimit } from './usage-limit.ts';
import { wrongChannel } from './wrong-channel.ts';

/** The order is policy: the first objection is the reason that is recorded and shown. */
export const messageRules: readonly MessageRule[] = [
  addressSuppressed, // the law and the mailbox providers come first
  erased, // then the person's own wish to be forgotten
  subjectCancelled, // what it is about no longer exists
  alreadySatisfied, // what it asks for was done
  expired, // too late to be of use
  requiredSource, // nothing stands against it so far; what it says has to be known
  marketingConsent, // only commercial messages need it
  topicOff, // nor what the member switched off by itself
  memberInGoodStanding, // what is said of a membership needs one; consent given before it was suspended doesn't help
  notDue, // allowed, but not yet
  localTime, // due, but not yet where the member is
  quietHours,
  afterEvent, // due, but the ledger doesn't know yet what the mail has to say
  frequencyCap, // last: what doesn't go for another reason is no mail too many
];

export const blockRules: readonly BlockRule[] = [
  knownMember, // without a member there is nothing to consent to
  marketingConsentForBlock,
];

export const offerRules: readonly OfferRule[] = [
  neverBought, // relevance first: the question members and marketers ask most
  preferenceConflict,
  goesWith,
  alreadyRedeemed, // then what is over for her
  bonusUsed,
  justBought,
  wrongChannel, // then what she can't use
  outsideDates,
  tierNotEligible,
  usageLimit,
  couponLeft, // last: what is hidden for another reason lacks no code
];
