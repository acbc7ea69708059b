import { createInterface } from 'node:readline/promises';

import { z } from 'zod';

import { InvalidInput } from '../../core/errors.ts';
import { problemsOf } from '../../core/problems.ts';

/** Kinds of trade, each with the brand of the demo whose people and programme fit it. */
export const trades = {
  coffee: { like: 'juniper', first: 'order-confirmation', about: 'a coffee shop, food and drink' },
  fashion: { like: 'halden', first: 'order-confirmation', about: 'clothes and other goods' },
  cinema: { like: 'marlowe', first: 'order-confirmation', about: 'tickets and events' },
  travel: { like: 'kestrel', first: 'flight-booking', about: 'flights and journeys' },
} as const;

/** Languages that the package's templates are written in. */
const languages = ['en', 'de', 'fr', 'ar'] as const;

const Trade = z.enum(['coffee', 'fashion', 'cinema', 'travel'], {
  error: 'must be coffee, fashion, cinema or travel',
});
const Language = z.enum(languages, {
  error: `must be of ${languages.join(', ')}, which the package’s templates are written in`,
});

/** What a project is made of. The first language is the brand's own. */
export const Answers = z.strictObject({
  brand: z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(60)
    .regex(/^[^{}[\]<>"\\\p{Cc}]+$/u, 'must have no brackets, quotes or backslashes')
    .regex(/[a-z0-9]/i, 'must have a letter or digit'),
  accent: z.string().regex(/^#[0-9a-f]{6}$/i, 'must be a colour such as #1f5a43'),
  languages: z.array(Language).min(1, 'must name a language'),
  trade: Trade,
  programme: z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(60)
    .regex(/^[^{}[\]<>\p{Cc}]+$/u),
});
export type Answers = z.infer<typeof Answers>;

/** As flags give them: text. */
export type Given = Partial<Record<keyof Answers, string>>;

const usual = { brand: 'Acme', accent: '#1f5a43', languages: 'en', trade: 'coffee' } as const;

const questions: readonly (readonly [keyof Answers, string])[] = [
  ['brand', 'Brand name'],
  ['trade', `Kind of trade (${Object.keys(trades).join(', ')})`],
  ['languages', `Languages, the brand’s own first (${languages.join(', ')})`],
  ['accent', 'Main colour'],
  ['programme', 'Name of the loyalty programme'],
];

/**
 * Answers by flags, and where somebody sits there, by asking for the others.
 * @throws InvalidInput naming every flag that is wrong
 */
export async function answersOf(given: Given, ask: boolean): Promise<Answers> {
  const answers: Given = { ...given };
  if (ask) {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    try {
      for (const [name, question] of questions) {
        if (answers[name] !== undefined) continue;
        const otherwise = otherwiseOf(name, answers);
        const answer = await terminal.question(`${question} [${otherwise}]: `);
        answers[name] = answer.trim() === '' ? otherwise : answer;
      }
    } finally {
      terminal.close();
    }
  }
  for (const [name] of questions) answers[name] ??= otherwiseOf(name, answers);
  const parsed = Answers.safeParse({
    ...answers,
    languages: [...new Set((answers.languages ?? '').split(',').map((one) => one.trim()))],
  });
  if (parsed.success) return parsed.data;
  throw new InvalidInput(
    problemsOf(parsed.error).map(({ path, message }) => ({ path: `--${path}`, message })),
  );
}

const otherwiseOf = (name: keyof Answers, { brand }: Given): string =>
  name === 'programme' ? `${brand ?? usual.brand} Club` : usual[name];
