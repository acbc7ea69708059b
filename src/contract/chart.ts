import { z } from 'zod';

const Colour = z.string().regex(/^#[0-9a-fA-F]{3,8}$/);

/** Bars over a year or any other row of amounts; drawn without words, which stand beside it in the mail. */
export const Chart = z.strictObject({
  /** CSS pixels; drawn at twice as many. */
  width: z.number().min(1).max(1200),
  height: z.number().min(1).max(1200),
  /** What the bars stand for, in the order of reading. Zero or more. */
  values: z.array(z.number().nonnegative()).max(400).readonly(),
  dir: z.enum(['ltr', 'rtl']),
  colours: z.strictObject({ ground: Colour, bar: Colour, highest: Colour }).readonly(),
  /** Corner radius of the ground in CSS pixels. */
  radius: z.number().min(0).max(600),
});
export type Chart = Readonly<z.infer<typeof Chart>>;
