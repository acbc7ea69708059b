import Handlebars from 'handlebars';
import mjml2html from 'mjml';

/*
 * What other systems make of their templates, by their own tools: Handlebars with the helpers SendGrid and Mailgun
 * document, a few lines for merge tags, and MJML after either.
 */

type Data = Readonly<Record<string, unknown>>;
type Options = Handlebars.HelperOptions;

/** As SendGrid documents them: blocks, and subexpressions in conditions. */
function helpers(dateOf: (value: unknown) => string) {
  const environment = Handlebars.create();
  const compare = (name: string, holds: (a: unknown, b: unknown) => boolean) =>
    environment.registerHelper(
      name,
      function (this: unknown, a: unknown, b: unknown, options: Options) {
        // Within `{{#if (…)}}` there is no block.
        if (typeof options.fn !== 'function') return holds(a, b);
        return holds(a, b) ? options.fn(this) : options.inverse(this);
      },
    );
  compare('equals', (a, b) => a === b);
  compare('eq', (a, b) => a === b);
  compare('notEquals', (a, b) => a !== b);
  compare('greaterThan', (a, b) => Number(a) > Number(b));
  compare('gt', (a, b) => Number(a) > Number(b));
  compare('lessThan', (a, b) => Number(a) < Number(b));
  compare('and', (a, b) => Boolean(a) && Boolean(b));
  compare('or', (a, b) => Boolean(a) || Boolean(b));
  environment.registerHelper('length', (list: unknown) => (Array.isArray(list) ? list.length : 0));
  environment.registerHelper('insert', (value: unknown, fallback: unknown) =>
    value === undefined || value === '' ? String(fallback).replace('default=', '') : value,
  );
  // Dates are said in the mail's language: that is Laurel's own way.
  environment.registerHelper('formatDate', (value: unknown) => dateOf(value));
  return environment;
}

/** Handlebars as it is documented: `{{{…}}}` and all. */
export function theirHandlebars(
  source: string,
  partials: ReadonlyMap<string, string>,
  dateOf: (value: unknown) => string,
): (data: Data) => string {
  const environment = helpers(dateOf);
  for (const [name, partial] of partials) environment.registerPartial(name, partial);
  const compiled = environment.compile(source);
  return (data) => compiled(data);
}

const textOf = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' ? `${value}` : '';

/** Merge tags as Mailchimp and Mandrill document them. */
export function theirMergeTags(source: string, data: Data): string {
  const valueOf = (name: string) => data[name.toLowerCase()];
  const holds = (asked: string) => {
    const [, name = '', sign, value] = /^(\w+)\s*(>=|=)?\s*(.*)$/.exec(asked) ?? [];
    if (sign === '>=') return Number(valueOf(name)) >= Number(value);
    return sign === '=' ? valueOf(name) === value : Boolean(valueOf(name));
  };
  const conditional = /\*\|IF(NOT)?:([^|]*)\|\*((?:(?!\*\|IF)[\s\S])*?)\*\|END:IF\|\*/;
  let text = source;
  for (let found = conditional.exec(text); found; found = conditional.exec(text)) {
    const [whole, not, asked = '', inside = ''] = found;
    const branches = `*|ELSEIF:${asked}|*${inside}`.split(/\*\|(?=ELSE)/).slice(1);
    const chosen = branches.find((branch) => {
      const [, other] = /^ELSEIF:([^|]*)\|\*/.exec(branch) ?? [];
      return other === undefined || holds(other) !== (not !== undefined);
    });
    text = text.replace(whole, () => (chosen ?? '').replace(/^ELSE[^|]*\|\*/, ''));
  }
  return text.replace(/\*\|([\w:]+)\|\*/g, (_, name: string) =>
    textOf(valueOf(name)).replaceAll('&', '&amp;').replaceAll('<', '&lt;'),
  );
}

/** MJML's own, of finished markup. */
export async function theirMjml(
  markup: string,
  files: ReadonlyMap<string, string>,
): Promise<string> {
  const whole = markup
    .replace(/<mj-include path="\.\/([\w.-]+)" \/>/g, (_, name: string) => files.get(name) ?? '')
    .replace(/<mj-font\b[^>]*\/>/g, '')
    .replace(/^[\s\S]*?<mjml([^>]*)>/, (_, own: string) => {
      return `<mjml lang="en" dir="ltr"${own.replace(/ lang="\w+"/, '')}>`;
    });
  const { html } = await mjml2html(whole, {
    fonts: {},
    keepComments: true,
    validationLevel: 'soft',
  });
  return html;
}
