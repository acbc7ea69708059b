import type { IntlMessageFormat } from 'intl-messageformat';

import { memo } from '../../core/memo.ts';

type Ast = ReturnType<IntlMessageFormat['getAst']>;
type Values = Readonly<Record<string, unknown>>;
/** @param count what `#` stands for; null outside of a plural, where it says nothing */
type Piece = (values: Values, count: number | null) => string;

/**
 * Formats a message that only has literal text, arguments, `select` and `plural`, which is nearly all of them, without
 * the library's detour over lists of parts. Null for any other: the library formats it.
 */
export function plainMessage(ast: Ast, locale: string): ((values: Values) => string) | null {
  const numbers = new Intl.NumberFormat(locale);
  const decimal = memo((count: number) => numbers.format(count + 0));
  const message = sequence(ast);
  return message && ((values) => message(values, null));

  function sequence(elements: Ast): Piece | null {
    const pieces: Piece[] = [];
    for (const element of elements) {
      const made = piece(element);
      if (!made) return null;
      pieces.push(made);
    }
    return (values, count) => {
      let text = '';
      for (const one of pieces) text += one(values, count);
      return text;
    };
  }

  function piece(element: Ast[number]): Piece | null {
    if (!('value' in element)) return (_values, count) => (count === null ? '' : decimal(count));
    const { value: name } = element;
    if ('offset' in element) {
      const { offset } = element;
      const options = choices(element.options);
      const rules = new Intl.PluralRules(locale, { type: element.pluralType ?? 'cardinal' });
      const category = memo((count: number) => rules.select(count));
      return (
        options &&
        ((values) => {
          const value = Number(values[name]);
          const chosen = options.get(`=${value}`) ?? options.get(category(value - offset));
          return (chosen ?? options.other)(values, value - offset);
        })
      );
    }
    if ('options' in element) {
      const options = choices(element.options);
      return (
        options && ((values) => (options.get(String(values[name])) ?? options.other)(values, null))
      );
    }
    if ('children' in element || 'style' in element) return null;
    // A literal or an argument: the parser's types 0 and 1.
    const type: number = element.type;
    return type === 0 ? () => name : (values) => String(values[name]);
  }

  function choices(
    options: Readonly<Record<string, { readonly value: Ast }>>,
  ): (ReadonlyMap<string, Piece> & { other: Piece }) | null {
    const made = new Map<string, Piece>();
    for (const [name, { value }] of Object.entries(options)) {
      const one = sequence(value);
      if (!one) return null;
      made.set(name, one);
    }
    const other = made.get('other');
    return other ? Object.assign(made, { other }) : null;
  }
}
