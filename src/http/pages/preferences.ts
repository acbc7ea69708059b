import type { Brand } from '../../brand/brand.ts';
import { directionOf } from '../../brand/direction.ts';
import { namedIn } from '../../brand/preferences.ts';
import { MailFrequency } from '../../contract/profile.ts';
import type { Mailing } from '../../members/mailing.ts';
import type { PageWords } from './page-words.ts';
import { escapeHtml, memberPage, type Page } from './page.ts';
import { type PageLanguage, wordsIn } from './words.ts';

/** What is said above the form: what was asked is stored, or the form couldn't be read. */
export type Notice = 'saved' | 'wrong';

type Words = PageWords['preferences'];

/** The page on which members say which mails they want. Plain forms that post to their own address. Pure. */
export function preferencePage(
  mailing: Mailing,
  language: PageLanguage,
  brand: Brand,
  notice?: Notice,
): Page {
  const words = wordsIn(language).preferences;
  const lines = [
    notice === undefined
      ? ''
      : `<p class="note" role="${notice === 'saved' ? 'status' : 'alert'}">${escapeHtml(words[notice])}</p>`,
    `<p>${escapeHtml(words.lead(brand.name))}</p>`,
    ...formsOf(mailing, language, brand, words),
    erasure(mailing, language, brand, words),
  ];
  return memberPage({ title: words.title, body: lines.join('\n') }, language, brand);
}

function formsOf(mailing: Mailing, language: PageLanguage, brand: Brand, words: Words): string[] {
  const tongue = languages(mailing, brand, words);
  const save = button('save', words.save);
  if (mailing.offers === 'on')
    return [
      form(
        topics(mailing, language, brand, words),
        frequencies(mailing, words),
        tongue,
        `<div class="buttons">${save}${button('stop', words.stop, 'quiet')}</div>`,
      ),
    ];
  const on =
    mailing.offers === 'blocked'
      ? `<p>${escapeHtml(words.blocked)}</p>`
      : `<p>${escapeHtml(words.on.text(brand.name))}</p>${form(button('resume', words.on.button))}`;
  return [
    tongue === '' ? '' : form(tongue, save),
    `<section><h2>${escapeHtml(words.off(brand.name))}</h2>${on}</section>`,
  ];
}

const form = (...parts: readonly string[]) => `<form method="post">\n${parts.join('\n')}\n</form>`;

const button = (action: string, text: string, look = '') =>
  `<button name="action" value="${action}"${look === '' ? '' : ` class="${look}"`}>${escapeHtml(text)}</button>`;

const fieldset = (legend: string, choices: readonly string[]) =>
  `<fieldset><legend>${escapeHtml(legend)}</legend>\n${choices.join('\n')}\n</fieldset>`;

/** `shown` says which topics the form asked about: one that came later isn't switched off by it. */
function topics({ off }: Mailing, language: PageLanguage, brand: Brand, words: Words): string {
  const all = brand.preferences?.topics ?? [];
  if (all.length === 0) return '';
  return fieldset(
    words.topics,
    all.map(({ id, names, about }) => {
      const text = about && namedIn(about, language, brand);
      return `<label class="choice"><input type="hidden" name="shown" value="${id}"><input type="checkbox" name="topic" value="${id}"${off.includes(id) ? '' : ' checked'}><span>${escapeHtml(namedIn(names, language, brand))}${text ? `<small>${escapeHtml(text)}</small>` : ''}</span></label>`;
    }),
  );
}

const frequencies = ({ frequency }: Mailing, words: Words): string =>
  fieldset(
    words.frequency,
    MailFrequency.options.map(
      (one) =>
        `<label class="choice"><input type="radio" name="frequency" value="${one}"${one === frequency ? ' checked' : ''}><span>${escapeHtml(words.often[one])}</span></label>`,
    ),
  );

/** Each by its own name, so that somebody who can't read this page finds theirs. */
function languages({ locale }: Mailing, { locales }: Brand, words: Words): string {
  if (locales.length < 2) return '';
  const options = locales.map((one) => {
    const name = new Intl.DisplayNames([one], { type: 'language' }).of(one) ?? one;
    return `<option value="${one}" lang="${one}" dir="${directionOf(one)}"${one === locale ? ' selected' : ''}>${escapeHtml(name)}</option>`;
  });
  return `<fieldset><label class="label" for="locale">${escapeHtml(words.language)}</label>\n<select id="locale" name="locale">${options.join('')}</select></fieldset>`;
}

function erasure(
  { erasureAskedAt }: Mailing,
  language: PageLanguage,
  brand: Brand,
  { erase }: Words,
): string {
  const { timeZone } = brand;
  const body =
    erasureAskedAt === null
      ? `<p class="muted">${escapeHtml(erase.text(brand.name))}</p>${form(button('erase', erase.button, 'quiet'))}`
      : `<p class="muted">${escapeHtml(erase.asked(new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone }).format(erasureAskedAt)))}</p>`;
  return `<section><h2>${escapeHtml(erase.title)}</h2>${body}</section>`;
}
