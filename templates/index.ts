import type { Template } from '../src/contract/template.ts';
import { addressConfirmation } from './address-confirmation/template.ts';
import { bonusPosted } from './bonus-posted/template.ts';
import { bonusReminder } from './bonus-reminder/template.ts';
import { delivered } from './delivered/template.ts';
import { earlyAccess } from './early-access/template.ts';
import { flightBooking } from './flight-booking/template.ts';
import { orderCancelled } from './order-cancelled/template.ts';
import { orderConfirmation } from './order-confirmation/template.ts';
import { pointsExpiring } from './points-expiring/template.ts';
import { readyForPickup } from './ready-for-pickup/template.ts';
import { redemptionReceipt } from './redemption-receipt/template.ts';
import { rewardUnlocked } from './reward-unlocked/template.ts';
import { shipped } from './shipped/template.ts';
import { statusStatementReact } from './status-statement-react/template.ts';
import { statusStatement } from './status-statement/template.ts';
import { tierChanged } from './tier-changed/template.ts';
import { tierLapsing } from './tier-lapsing/template.ts';
import { tripReminder } from './trip-reminder/template.ts';
import { welcome } from './welcome/template.ts';
import { yearInReview } from './year-in-review/template.ts';

/** Every template that can be sent; a new one is a folder and a line here. */
export const templates: readonly Template[] = [
  orderConfirmation,
  shipped,
  readyForPickup,
  delivered,
  orderCancelled,
  flightBooking,
  tripReminder,
  welcome,
  addressConfirmation,
  redemptionReceipt,
  bonusPosted,
  bonusReminder,
  pointsExpiring,
  rewardUnlocked,
  tierChanged,
  tierLapsing,
  statusStatement,
  statusStatementReact,
  earlyAccess,
  yearInReview,
];
