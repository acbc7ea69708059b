import { z } from 'zod';

const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,59}$/, 'must be lower-case words such as bonus-confirmation');

/** What of an event must be so; all of them. */
const Condition = z
  .strictObject({
    /** A field of the event; `.` leads into it: `reason`, `total`, `lines.0.category`. */
    field: z.string().regex(/^[A-Za-z]\w*(?:\.\w+)*$/),
    in: z
      .array(z.union([z.string(), z.number(), z.boolean()]))
      .min(1)
      .optional(),
    notIn: z
      .array(z.union([z.string(), z.number(), z.boolean()]))
      .min(1)
      .optional(),
    atLeast: z.number().optional(),
    atMost: z.number().optional(),
  })
  .refine((one) => Object.keys(one).length > 1, 'needs in, notIn, atLeast or atMost');
export type Condition = z.output<typeof Condition>;

const days = z.int().min(1).max(365);

/** A template that is sent because of an event or a state, once per cause. */
export const Trigger = z.strictObject({
  on: z.union([
    /** A ledger event of this type, such as `bonus.granted`. */
    z.strictObject({ event: z.string() }),
    /** A tier was reached: one of these, or any but the lowest. */
    z.strictObject({ tierReached: z.union([z.literal(true), z.array(z.string()).min(1)]) }),
    /** Points lapse within so many days. */
    z.strictObject({ pointsExpireWithinDays: days }),
    /** The birthday of a member who agreed to be greeted. */
    z.strictObject({ birthday: z.literal(true) }),
  ]),
  when: z.array(Condition).default([]),
  template: z.string(),
  /** The template's data; `{event.bonusId}` and the like stand for what the cause says. */
  data: z.record(z.string(), z.unknown()).default({}),
  /** Minutes after the cause; decided with what is true then. */
  afterMinutes: z.int().min(0).max(525_600).default(0),
  /** Hours after the cause in which it is still worth sending: what is told later is skipped. */
  withinHours: z.int().min(1).max(8_760).default(48),
});
export type Trigger = z.output<typeof Trigger>;

/** `brands/<id>/triggers.json`. */
export const Triggers = z.strictObject({
  $schema: z.string().optional(),
  triggers: z.record(name, Trigger),
  /** The hour of the day, in the brand's time zone, from which states (points that lapse, birthdays) are looked at. */
  hour: z.int().min(0).max(23).default(9),
});
export type Triggers = z.output<typeof Triggers>;
