import { parseSync } from 'oxc-parser';
import { z } from 'zod';

import type { Template } from '../contract/template.ts';

const Node = z.looseObject({ type: z.string() });
const nodes = (value: unknown) =>
  Array.isArray(value) ? value.flatMap((one) => Node.safeParse(one).data ?? []) : [];
const Named = z.looseObject({ name: z.string() });
const nameOf = (value: unknown) => Named.safeParse(value).data?.name;
const Quasi = z.looseObject({ value: z.looseObject({ cooked: z.string() }) });

/**
 * What a template's messages are about, as patterns such as `order:{orderId}`, read from the source of its `about`. Null where
 * that does anything but put fields of the data into texts: then only the code itself can tell.
 */
export function subjectPatterns({ about }: Pick<Template, 'about'>): readonly string[] | null {
  if (!about) return [];
  // A method's source, and a function's, as an expression.
  const source = about.toString().replace(/^(async )?about\s*\(/, 'function (');
  const { program, errors } = parseSync('about.ts', `(${source})`);
  if (errors.length > 0) return null;
  const [statement] = nodes(program.body);
  let made = Node.safeParse(statement?.['expression']).data;
  while (made?.type === 'ParenthesizedExpression') made = Node.safeParse(made['expression']).data;
  const [parameter, ...more] = nodes(made?.['params']);
  if (made?.type !== 'ArrowFunctionExpression' || more.length > 0) return null;
  if (parameter?.type !== 'ObjectPattern') return null;
  const fields = new Map<string, string>();
  for (const property of nodes(parameter['properties'])) {
    const [key, local] = [nameOf(property['key']), nameOf(property['value'])];
    if (key === undefined || local === undefined) return null;
    fields.set(local, key);
  }
  const list = Node.safeParse(made['body']).data;
  if (list?.type !== 'ArrayExpression') return null;
  const patterns = nodes(list['elements']).map((element) => {
    if (element.type !== 'TemplateLiteral') return null;
    const between = nodes(element['expressions']).map((one) => {
      const field = one.type === 'Identifier' ? fields.get(nameOf(one) ?? '') : undefined;
      return field === undefined ? null : `{${field}}`;
    });
    const texts = nodes(element['quasis']).map((one) => Quasi.safeParse(one).data?.value.cooked);
    if (between.includes(null) || texts.some((text) => text === undefined || /[{}]/.test(text)))
      return null;
    return texts.map((text, index) => `${text}${between[index] ?? ''}`).join('');
  });
  return patterns.every((one) => one !== null) ? patterns : null;
}
