import { z } from 'zod';

const Words = z.string().regex(/\S/, 'must not be empty').max(300);
/** By locale. */
const Names = z.record(z.string(), Words);

/** Something a member can switch off by itself: which commercial templates are about it, and what it is called. */
const Topic = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,59}$/, 'must be a lower-case name such as news'),
  names: Names,
  /** What one gets, in a sentence. */
  about: Names.optional(),
  templates: z.array(z.string()).min(1),
});
export type Topic = z.output<typeof Topic>;

/** `brands/<id>/preferences.json`: what the preference page offers beside frequency, language and all off. */
export const Preferences = z.strictObject({
  $schema: z.string().optional(),
  topics: z.array(Topic).max(20).default([]),
});
export type Preferences = z.output<typeof Preferences>;

/** The topic of the brand that a template is about. */
export const topicOf = (
  { preferences }: { readonly preferences?: Preferences },
  template: string,
): Topic | undefined => preferences?.topics.find(({ templates }) => templates.includes(template));

/** In a locale, else in its language, else in the brand's own. */
export const namedIn = (
  names: Topic['names'],
  locale: string,
  { defaultLocale }: { readonly defaultLocale: string },
): string =>
  names[locale] ?? names[locale.split('-')[0] ?? ''] ?? names[defaultLocale] ?? names['en'] ?? '';
