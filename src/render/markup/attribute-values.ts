import type { Expression } from '../handlebars/expression.ts';
import { passedOn } from '../mjml/mjml-elements.ts';
import type { Complaint } from '../source/problems.ts';
import { urlAttributes } from './harm.ts';

const fixedAttributes = new Set(
  'style colspan rowspan span class css-class mj-class id'.split(' '),
);
const maxSpan = 50;

type Attribute = {
  /** Whether MJML reads it, or passes it on with the html it is part of. */
  readonly mjml: boolean;
  readonly name: string;
  readonly written: string;
  /** Its `{{…}}`, in order. */
  readonly inside: readonly Expression[];
};

/** What is wrong with the value of an attribute: values where escaping isn't enough, or where MJML would have to know them. */
export function valueProblems({ mjml, name, written, inside }: Attribute): Complaint[] {
  const problems: Complaint[] = [];
  const value = inside.find(({ kind }) => kind === 'value');
  const parts = alternatives(written, inside);
  if (urlAttributes.has(name))
    problems.push(...parts.flatMap((part) => addressProblems(name, part)));
  if (value && fixedAttributes.has(name))
    problems.push({
      message: `${value.source} cannot stand in ${name}; ask for it: ${name}="{{#if …}}a{{else}}b{{/if}}"; colours are brand tokens`,
    });
  else if (value && mjml && !passedOn.has(name) && !['href', 'src'].includes(name))
    problems.push({
      message: `${value.source} cannot stand in ${name}: MJML calculates with it before there is a value; write out what it may be: ${name}="{{#if …}}50%{{else}}100%{{/if}}"`,
    });
  if (/^(col|row)?span$/.test(name) && parts.some((part) => !(Number(part) <= maxSpan)))
    problems.push({ message: `${name} must be a number up to ${maxSpan}` });
  if (
    name === 'http-equiv' &&
    !/^\s*(content-type|content-language|x-ua-compatible)\s*$/i.test(written)
  )
    problems.push({ message: 'http-equiv is refused' });
  return problems;
}

function addressProblems(name: string, written: string): Complaint[] {
  const address = written.trim();
  if (/\{\{/.test(address))
    return /^\{\{~?\s*link\s(?:(?!\{\{)[\s\S])*\}\}$/.test(address)
      ? []
      : [
          {
            message: `${name} takes one {{link …}} and nothing else, so that its address is checked`,
          },
        ];
  if (/^(https?:|mailto:|tel:|#|\[\[)/i.test(address)) return [];
  const message = `${name} must be http, https, mailto or tel, or a {{link …}}`;
  // One that leads nowhere does no harm; one of another scheme might.
  return [{ message, harmless: !/^[a-z][a-z\d+.-]*:|[\p{Cc}]|&/iu.test(address) }];
}

/** What an attribute may say, cut at its conditions. */
function alternatives(written: string, inside: readonly Expression[]): string[] {
  let parts = [written];
  for (const { kind, source } of inside)
    if (kind !== 'value') parts = parts.flatMap((part) => part.split(source));
  return inside.some(({ kind }) => kind !== 'value')
    ? parts.filter((part) => part.trim() !== '')
    : parts;
}
