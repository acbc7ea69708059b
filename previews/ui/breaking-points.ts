import type { BrandEntry, Field, RenderAnswer, RenderQuery } from '../protocol.ts';
import { renderOnce } from './answers.ts';
import { languageName } from './language.ts';
import { applyLooks, type Looks, looksOf } from './looks.ts';
import type { Place } from './place.ts';

/** One thing to try on a mail: what is changed of the page, in words and as an address. */
export type Strain = {
  readonly title: string;
  readonly change: Partial<Place>;
  /** Where the schema doesn't let that happen. */
  readonly orElse?: Strain;
};

/** What became of it. `untried`: there is no mail of it, as where the schema doesn't let it happen. */
export type Strained = Strain & {
  readonly kind: 'holds' | 'breaks' | 'untried';
  /** Empty where it holds. */
  readonly what: string;
};

export const phone = 375;
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
    ...lists.flatMap(({ path, label, value, blank }) => {
      const strain = (count: number): Strain => ({
        title: `${label}: ${count}`,
        change: { data: { ...place.data, [path]: JSON.stringify(repeated(value, blank, count)) } },
      });
      return [
        strain(0),
        strain(1),
        most.map(strain).reduceRight((orElse, one) => ({ ...one, orElse })),
      ];
    }),
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

/** Lists as long as they may be. */
const most = [60, 30, 20, 12, 6];

const fieldsOf = (fields: readonly Field[]): readonly Field[] =>
  fields.flatMap((field) => [field, ...(field.kind === 'group' ? fieldsOf(field.fields) : [])]);

const repeated = (value: readonly unknown[], blank: unknown, count: number): unknown[] =>
  Array.from({ length: count }, (_, index) =>
    value.length > 0 ? value[index % value.length] : blank,
  );

/** What is asked of the server for it. */
export function strainedQuery({ change }: Strain, query: RenderQuery): RenderQuery {
  const { set, data, locale } = change;
  return {
    ...query,
    ...(set && { set }),
    ...(data && { data }),
    ...(typeof locale === 'string' && { locale }),
  };
}

/** Renders it with the change, really, and looks at it on a phone. */
export async function strained(strain: Strain, query: RenderQuery): Promise<Strained> {
  const answer = await renderOnce(strainedQuery(strain, query));
  if (!('mail' in answer)) {
    const { problems, title } = answer;
    const what = problems.map(({ message }) => message).join('; ') || title;
    // What is wrong in a file is the template's own fault, else the schema refuses it.
    if (problems.some(({ file }) => file !== undefined))
      return { ...strain, kind: 'breaks', what: `can’t be made: ${what}` };
    return strain.orElse ? strained(strain.orElse, query) : { ...strain, kind: 'untried', what };
  }
  if (!answer.mail) return { ...strain, kind: 'untried', what: 'it isn’t sent' };
  const looks = looksOf({ scheme: 'light', pictures: null, large: null, ...strain.change });
  const what = await breakOf(answer.mail.hash, looks);
  return what === null
    ? { ...strain, kind: 'holds', what: '' }
    : { ...strain, kind: 'breaks', what };
}

/** What sticks out of a phone's width, or lies over something else, in words; null where nothing does. */
async function breakOf(hash: string, looks: Looks): Promise<string | null> {
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
    applyLooks(mail, looks);
    const seen = seenTexts(mail);
    const wide = sticksOut(seen);
    const width = Math.max(mail.documentElement.scrollWidth, wide?.right ?? 0);
    if (width > phone)
      return `${width} pixels wide: ${wide ? `“${wide.text}”` : 'something in it doesn’t wrap'}`;
    if (wide) return `“${wide.text}” sticks out on the left`;
    const over = overlapOf(seen);
    return over && `“${over[0]}” lies over “${over[1]}”`;
  } finally {
    frame.remove();
  }
}

type Box = Pick<DOMRect, 'left' | 'right' | 'top' | 'bottom'>;
/** A text as it is seen: a box for each of its lines. */
type Seen = { readonly text: string; readonly lines: readonly Box[] };

/** Every text that can be read, wherever a box around it cuts it off. */
function seenTexts(mail: Document): readonly Seen[] {
  const seen: Seen[] = [];
  const walker = mail.createTreeWalker(mail.body, 4);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = (node.textContent ?? '').trim();
    const element = node.parentElement;
    if (text === '' || !element || !isSeen(element)) continue;
    const inside = mail.createRange();
    inside.selectNodeContents(node);
    const lines = [...inside.getClientRects()].filter(({ width, height }) => width * height > 0);
    if (lines.length > 0) seen.push({ text: text.slice(0, 60), lines });
  }
  return seen;
}

/** What is hidden for the list of mails is in a box without height. */
function isSeen(element: Element): boolean {
  if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
  for (let one: Element | null = element; one; one = one.parentElement) {
    const style = one.ownerDocument.defaultView?.getComputedStyle(one);
    if (style?.overflowY === 'hidden' && one.clientHeight === 0 && style.display !== 'inline')
      return false;
  }
  return true;
}

/** Half a pixel is rounding. */
const rounding = 1;

/** The text that sticks out furthest on the right; where none does, one on the left. */
function sticksOut(
  seen: readonly Seen[],
): { readonly text: string; readonly right: number } | null {
  const out = seen.flatMap(({ text, lines }) => {
    const right = Math.max(...lines.map((line) => line.right));
    const left = Math.min(...lines.map((line) => line.left));
    return right > phone + rounding || left < -rounding ? [{ text, right: Math.ceil(right) }] : [];
  });
  return out.toSorted((one, other) => other.right - one.right)[0] ?? null;
}

/** Letters may reach into the line above them by so much. */
const tolerated = 3;

/** The first two texts of which one lies over the other. */
function overlapOf(seen: readonly Seen[]): readonly [string, string] | null {
  const lines = seen
    .flatMap(({ text, lines: boxes }) => boxes.map((box) => ({ text, box })))
    .toSorted((one, other) => one.box.top - other.box.top);
  for (const [index, { text, box }] of lines.entries())
    for (const other of lines.slice(index + 1)) {
      // Those that begin further down don't reach it either.
      if (other.box.top >= box.bottom - tolerated) break;
      const wide = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
      if (wide > tolerated && other.text !== text) return [other.text, text];
    }
  return null;
}
