import type { Template } from '../src/core/template.ts';
import { bonusPosted } from './bonus-posted/template.ts';
import { bonusReminder } from './bonus-reminder/template.ts';
import { delivered } from './delivered/template.ts';
import { flightBooking } from './flight-booking/template.ts';
import { orderConfirmation } from './order-confirmation/template.ts';
import { readyForPickup } from './ready-for-pickup/template.ts';
import { shipped } from './shipped/template.ts';
import { tripReminder } from './trip-reminder/template.ts';
import { yearInReview } from './year-in-review/template.ts';

/** Every template that can be sent; a new one is a folder and a line here. */
export const templates: readonly Template[] = [
  orderConfirmation,
  shipped,
  readyForPickup,
  delivered,
  flightBooking,
  tripReminder,
  bonusPosted,
  bonusReminder,
  yearInReview,
];
