import type { CheckedMail } from '../render/check/finding.ts';
import type { MailElement } from '../render/check/mail-elements.ts';

/**
 * Picks those of many mails that together have everything in them: a browser takes half a second a mail, and most mails
 * are made of what stands in others of their brand as well.
 */
export type Sampling = {
  readonly note: (mail: CheckedMail) => void;
  /** As few of them as do. */
  readonly chosen: () => readonly CheckedMail[];
};

export function openSampling(): Sampling {
  const seen = new Set<string>();
  const kept: { readonly mail: CheckedMail; readonly shapes: ReadonlySet<string> }[] = [];
  return {
    note: (mail) => {
      const shapes = new Set(
        mail.elements.map((element) => `${mail.brand.id} ${shapeOf(element)}`),
      );
      const before = seen.size;
      for (const shape of shapes) seen.add(shape);
      if (seen.size > before) kept.push({ mail, shapes });
    },
    chosen: () => {
      const covered = new Set<string>();
      return kept
        .toSorted((a, b) => b.shapes.size - a.shapes.size)
        .filter(({ shapes }) => {
          const before = covered.size;
          for (const shape of shapes) covered.add(shape);
          return covered.size > before;
        })
        .map(({ mail }) => mail);
    },
  };
}

/** What of an element matters to how it is read: everything but its words, addresses and measures. */
function shapeOf({ tag, attributes, text }: MailElement): string {
  const own = [...attributes].flatMap(([name, value]) => {
    if (/^(class|role|dir|scope)$/.test(name)) return [`${name}=${value}`];
    if (name === 'style') return [`style=${coloursIn(value)}`];
    return /^(aria-|alt$|href$|lang$|title$)/.test(name) ? [name] : [];
  });
  return [tag, text === '' ? 'empty' : 'said', ...own.toSorted()].join(' ');
}

/** Colours, sizes of letters and what hides: the rest of a style is measures. */
const coloursIn = (style: string) =>
  style
    .split(';')
    .map((one) => one.trim())
    .filter((one) => /^(color|background|font-size|font-weight|display)/.test(one))
    .toSorted()
    .join(';');
