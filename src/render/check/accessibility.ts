import { error, type Found, type MailCheck, warning } from './finding.ts';
import { isHidden } from './mail-elements.ts';

/** What a screen reader needs: language, title, headings in order, tables that are only layout. */
export const accessibility: MailCheck = {
  name: 'accessibility',
  look: ({ elements, locale }) => {
    const found: Found[] = [];
    const html = elements.find(({ tag }) => tag === 'html');
    const language = html?.attributes.get('lang') ?? '';
    if (language === '')
      found.push(error('the html has no language', 'write <html lang="…"> or use {{> head}}'));
    else if (language.split('-')[0] !== locale.split('-')[0])
      found.push(
        error(
          `the html says it is in "${language}", it is in "${locale}"`,
          'take the language from the mail’s locale',
          `lang="${language}"`,
        ),
      );
    if (!elements.some(({ tag, text }) => tag === 'title' && text !== ''))
      found.push(warning('has no title', 'put {{> head}}, <mj-title> or <title> into its head'));
    const headings = elements.filter(
      (element) => /^h[1-6]$/.test(element.tag) && !isHidden(element),
    );
    if (headings.length === 0) found.push(warning('has no heading', 'make its first line an <h1>'));
    let level = 0;
    for (const { tag, text } of headings) {
      const next = Number(tag.slice(1));
      if (text === '') found.push(warning(`has an empty <${tag}>`, 'take it out'));
      if (next > level + 1)
        found.push(
          warning(
            level === 0
              ? `its first heading is <${tag}>, not <h1>`
              : `<${tag}> follows <h${level}>: a level is left out`,
            `make it <h${level + 1}>`,
            `<${tag}`,
          ),
        );
      level = next;
    }
    const tables = elements.filter(
      ({ tag, attributes, parent }) =>
        tag === 'table' && attributes.get('role') === undefined && !hasHeader(parent),
    );
    const data = new Set(elements.filter(({ tag }) => tag === 'th').map((cell) => tableOf(cell)));
    const layout = tables.filter((table) => !data.has(table)).length;
    if (layout > 0)
      found.push(
        warning(
          `${layout} tables without a role are read out as data`,
          'write role="presentation" on tables that are only layout',
          '<table',
        ),
      );
    return found;
  },
};

type Element = Parameters<typeof isHidden>[0];

const tableOf = (element: Element): Element | null => {
  for (let one: Element | null = element; one; one = one.parent)
    if (one.tag === 'table') return one;
  return null;
};

/** Inside a table of data. */
const hasHeader = (element: Element | null): boolean =>
  element !== null && element.attributes.get('role') === 'table';
