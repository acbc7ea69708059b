import type { BrandEntry, Field, RenderAnswer, RenderQuery } from '../protocol.ts';
import { renderOnce } from './answers.ts';
import { languageName } from './language.ts';
import { applyLooks } from './looks.ts';
import type { Place } from './place.ts';

/** One thing to try on a mail: what is changed of the page, in words and as an address. */
export type Strain = { readonly title: string; readonly change: Partial<Place> };

/** What became of it. `untried`: there is no mail of it, as where the schema doesn't let it happen. */
export type Strained = Strain &
  ({ readonly kind: 'holds' } | { readonly kind: 'breaks' | 'untried'; readonly what: string });

const phone = 375;
const longName = 'Wolkenkratzerin-Konstantinopolitanerin';
/** As large as amounts and counts may reasonably be. */
const large = 98_765_432;

/** What strains a layout: names, languages, lists, amounts, missing pictures. */
export function strainsOf(
  { form, controls, locale }: RenderAnswer,
  brand: BrandEntry,
  place: Place,
): readonly Strain[] {
  const lists = fieldsOf(form).flatMap((field) => (field.kind === 'list' ? [field] : []));
  const numbers = fieldsOf(form).filter(({ kind }) => kind === 'number');
  return [
    { title: 'As it is', change: {} },
    ...(controls.some(({ path }) => path === 'firstName')
      ? [{ title: 'A long name', change: { set: { ...place.set, firstName: longName } } }]
      : []),
    ...brand.locales
      .filter((one) => one !== locale)
      .map((one) => ({ title: `In ${languageName(one)}`, change: { locale: one } })),
    ...lists.flatMap(({ path, label, value, blank }) =>
      [0, 1, 60].map((count) => ({
        title: `${label}: ${count}`,
        change: { data: { ...place.data, [path]: JSON.stringify(repeated(value, blank, count)) } },
      })),
    ),
    ...(numbers.length > 0
      ? [
          {
            title: 'Large amounts',
            change: {
              data: {
                ...place.data,
                ...Object.fromEntries(numbers.map(({ path }) => [path, String(large)])),
              },
            },
          },
        ]
      : []),
    { title: 'Without pictures', change: { pictures: false } },
    { title: 'In large type', change: { large: true } },
  ];
}

const fieldsOf = (fields: readonly Field[]): readonly Field[] =>
  fields.flatMap((field) => [field, ...(field.kind === 'group' ? fieldsOf(field.fields) : [])]);

const repeated = (value: readonly unknown[], blank: unknown, count: number): unknown[] =>
  Array.from({ length: count }, (_, index) =>
    value.length > 0 ? value[index % value.length] : blank,
  );

/** Renders it with the change, really, and looks at it on a phone. */
export async function strained(strain: Strain, query: RenderQuery): Promise<Strained> {
  const { set, data, locale, pictures = true, large: letters = false } = strain.change;
  const answer = await renderOnce({
    ...query,
    ...(set && { set }),
    ...(data && { data }),
    ...(typeof locale === 'string' && { locale }),
  });
  if (!('mail' in answer))
    return {
      ...strain,
      kind: 'untried',
      what: answer.problems.map(({ message }) => message).join('; ') || answer.title,
    };
  if (!answer.mail) return { ...strain, kind: 'untried', what: 'it isn’t sent' };
  const what = await overflowOf(answer.mail.hash, { pictures, large: letters });
  return what === null ? { ...strain, kind: 'holds' } : { ...strain, kind: 'breaks', what };
}

/** What sticks out of a phone's width, in words; null where nothing does. */
async function overflowOf(
  hash: string,
  looks: { readonly pictures: boolean; readonly large: boolean },
): Promise<string | null> {
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', 'allow-same-origin');
  frame.className = 'offstage';
  frame.title = 'Mail being measured';
  frame.src = `/frame/${hash}`;
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
  document.body.append(frame);
  try {
    await loaded;
    const mail = frame.contentDocument;
    if (!mail) return null;
    applyLooks(mail, { scheme: 'light', ...looks });
    const wide = widestIn(mail);
    const width = Math.max(mail.documentElement.scrollWidth, wide?.right ?? 0);
    if (width <= phone) return null;
    return `${width} pixels wide: ${wide?.says ?? 'something in it doesn’t wrap'}`;
  } finally {
    frame.remove();
  }
}

/** The first thing that sticks out, also where a box around it cuts it off. */
function widestIn(mail: Document): { readonly says: string; readonly right: number } | null {
  for (const element of mail.querySelectorAll('body *')) {
    if (element.children.length > 0) continue;
    // Of what is in it: its box is as wide as whatever stretches the table.
    const inside = mail.createRange();
    inside.selectNodeContents(element);
    const { right, height } = inside.getBoundingClientRect();
    const text = (element.textContent ?? '').trim();
    if (text !== '' && height > 0 && right > phone + 1)
      return { says: `“${text.slice(0, 60)}”`, right: Math.ceil(right) };
  }
  return null;
}
