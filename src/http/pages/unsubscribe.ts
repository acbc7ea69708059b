import type { BrandIdentity } from '../../brand/brand.ts';
import { escapeHtml, memberPage, type Page } from './page.ts';
import { type PageLanguage, wordsIn } from './words.ts';

/** What an unsubscribe page is about; a topic by its name, and where the member's preferences are. */
export type About = { readonly topic?: string; readonly preferences?: string };

/** The field that a mailbox provider's one-click request has (RFC 8058), too. */
const oneClick = '<input type="hidden" name="List-Unsubscribe" value="One-Click">';

/** The page behind an unsubscribe link: asks, or confirms. Works without scripts. Pure. */
export function unsubscribePage(
  kind: 'ask' | 'done',
  language: PageLanguage,
  brand: BrandIdentity | undefined,
  { topic, preferences }: About = {},
): Page {
  const { unsubscribe: words } = wordsIn(language);
  const name = brand?.name ?? '';
  const text = topic === undefined ? words[kind].text(name) : words.topic[kind](name, topic);
  const buttons =
    topic === undefined
      ? `<button>${escapeHtml(words.button)}</button>`
      : `<button>${escapeHtml(words.topic.button(topic))}</button><button class="quiet" name="scope" value="all">${escapeHtml(words.topic.all)}</button>`;
  // No address of the form, so that it posts to this link.
  const form = `<form method="post">${oneClick}<div class="buttons">${buttons}</div></form>`;
  const more =
    preferences === undefined
      ? ''
      : `<p class="more"><a href="${escapeHtml(preferences)}">${escapeHtml(words.more)}</a></p>`;
  return memberPage(
    {
      title: words[kind].title,
      body: `<p>${escapeHtml(text)}</p>\n${kind === 'ask' ? form : ''}\n${more}`,
    },
    language,
    brand,
  );
}

/** A link that is none of ours, or a moment in which nothing can be stored. Pure. */
export function failedPage(
  kind: 'unknown' | 'later',
  language: PageLanguage,
  brand: BrandIdentity | undefined,
): Page {
  const { title, text } = wordsIn(language)[kind];
  return memberPage({ title, body: `<p>${escapeHtml(text)}</p>` }, language, brand);
}
