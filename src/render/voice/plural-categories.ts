import type { IntlMessageFormat } from 'intl-messageformat';

type Ast = ReturnType<IntlMessageFormat['getAst']>;
type Plural = Extract<Ast[number], { readonly pluralType?: Intl.PluralRuleType | undefined }>;

/** In the order people write them in. */
const categories = ['zero', 'one', 'two', 'few', 'many', 'other'];

/** Counts a mail may well hold; the rules of every language repeat within them. */
const counts = Array.from({ length: 1001 }, (_, count) => count);

/**
 * What a message lacks to speak of any count in its language, and what it says for nothing: Arabic has six plural
 * categories, French another for whole millions. A category may be left out where each of its counts is written as `=2`.
 */
export function pluralProblems(ast: Ast, locale: string): string[] {
  return ast.flatMap((element) => {
    if (!('options' in element)) return [];
    const inner = Object.values(element.options).flatMap(({ value }) =>
      pluralProblems(value, locale),
    );
    return isPlural(element) ? [...pluralProblem(element, locale), ...inner] : inner;
  });
}

function pluralProblem({ value: name, options, pluralType, offset }: Plural, locale: string) {
  const rules = new Intl.PluralRules(locale, { type: pluralType ?? 'cardinal' });
  const has = new Set<string>(rules.resolvedOptions().pluralCategories);
  const known = categories.filter((category) => has.has(category));
  const given = Object.keys(options);
  const spelt = (category: string) => {
    const of = counts.filter((count) => rules.select(count - offset) === category);
    return of.length > 0 && of.every((count) => given.includes(`=${count}`));
  };
  const missing = known.filter((category) => !given.includes(category) && !spelt(category));
  const extra = given.filter((category) => !category.startsWith('=') && !has.has(category));
  return [
    ...(missing.length > 0
      ? [`{${name}, plural} lacks ${missing.join(', ')}; ${locale} has ${known.join(', ')}`]
      : []),
    ...(extra.length > 0
      ? [`{${name}, plural} has ${extra.join(', ')}, but ${locale} only ${known.join(', ')}`]
      : []),
  ];
}

const isPlural = (element: Ast[number]): element is Plural => 'offset' in element;
