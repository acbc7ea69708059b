import { filesIn, shownPath } from '../src/render/source/template-files.ts';
import { layersFor, type LocaleFile, readLocales } from '../src/render/voice/locale-files.ts';
import { compileMessage } from '../src/render/voice/text-messages.ts';
import type { Sentence, SentenceRequest } from './protocol.ts';
import type { Workshop } from './workshop.ts';

type Ast = ReturnType<ReturnType<typeof compileMessage>['getAst']>;

/** So much of a text must be a message's own words for it to be that message. */
const fewestLetters = 2;

/**
 * Which message of a locale file a text of a mail was made from, and how it reads in every language of the brand.
 * @param request `texts`: what was clicked, and what it stands in, the nearest first
 * @returns null where it is none's, such as a product's name
 * @throws what `workshop.brand` throws
 */
export async function sentenceOf(
  workshop: Workshop,
  { template, brand: id, locale, texts }: SentenceRequest,
): Promise<Sentence | null> {
  const loaded = await workshop.brand(id);
  const { root } = workshop.project;
  const files = filesIn(root);
  const [own, blocks] = await Promise.all([
    readLocales(files, template, []),
    readLocales(files, 'blocks', []),
  ]);
  const { manner, locales } = loaded.brand;
  const layersOf = (one: string): readonly LocaleFile[] => [
    ...layersFor(loaded.locales, one),
    ...layersFor(own, manner[one] ?? one),
    ...layersFor(blocks, manner[one] ?? one),
  ];
  const layers = layersOf(locale);
  const keys = [...new Set(layers.flatMap((layer) => Object.keys(layer.texts)))];
  const patterns = keys.flatMap((key) => {
    const text = layers.find((layer) => key in layer.texts)?.texts[key] ?? '';
    return patternOf(key, text, locale);
  });
  const found = bestOf(patterns, texts.map(plain));
  if (!found) return null;
  const languages = locales.flatMap((one) => {
    const layer = layersOf(one).find(({ texts: known }) => found.key in known);
    const text = layer?.texts[found.key];
    return layer && text !== undefined
      ? [{ locale: one, text, file: shownPath(root, layer.file), line: layer.lineOf(found.key) }]
      : [];
  });
  return { key: found.key, languages };
}

type Pattern = { readonly key: string; readonly regex: RegExp; readonly letters: number };

/** The nearest text that is a message as a whole; among several messages the one with most words of its own. */
function bestOf(patterns: readonly Pattern[], texts: readonly string[]): Pattern | undefined {
  for (const text of texts) {
    const [best] = patterns
      .filter(({ regex }) => regex.test(text))
      .toSorted((a, b) => b.letters - a.letters);
    if (best) return best;
  }
  return undefined;
}

/** As it is read: without marks of direction, with one kind of space. */
const plain = (text: string): string =>
  text
    .replaceAll(/[\u200b-\u200f\u2060-\u2069\ufeff]/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();

function patternOf(key: string, text: string, locale: string): Pattern[] {
  let letters = 0;
  const source = (ast: Ast): string =>
    ast
      .map((element) => {
        if ('options' in element && element.options)
          return `(?:${Object.values(element.options)
            .map((option) => source(option.value))
            .join('|')})`;
        if (!isLiteral(element)) return '.*?';
        letters += element.value.replaceAll(/\P{L}/gu, '').length;
        return escaped(element.value.replaceAll(/\s+/g, ' '));
      })
      .join('');
  const whole = source(compileMessage(text, locale, 'UTC').getAst());
  return letters < fewestLetters
    ? []
    : [{ key, regex: new RegExp(`^\\s*${whole}\\s*$`, 'u'), letters }];
}

type Element = Ast[number];
type Literal = Extract<Element, { value: string }>;
/** Of the parser's kinds of element, words are the first. */
const isLiteral = (element: Element): element is Literal => Object.is(element.type, 0);

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);
