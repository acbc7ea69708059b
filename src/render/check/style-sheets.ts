import { error, type Found, type MailCheck, warning } from './finding.ts';

/** Gmail reads this much of all style sheets together, and drops the rest. Source: observed, 16 KB. */
const gmailReads = 16 * 1024;

/** What mail programs do to style sheets they don't like: drop them, whole. */
export const styleSheets: MailCheck = {
  name: 'style-sheets',
  look: ({ html }) => {
    const found: Found[] = [];
    const sheets = [...html.matchAll(/<style\b[^>]*>([\s\S]*?)<\/style/gi)].map(
      ([, css = '']) => css,
    );
    const bytes = sheets.reduce((sum, css) => sum + Buffer.byteLength(css), 0);
    if (bytes > gmailReads)
      found.push(
        error(
          `has ${(bytes / 1024).toFixed(1)} KB of style sheets: Gmail drops what goes beyond 16 KB, and then nothing in them holds`,
          'inline what holds everywhere (<mj-style inline="inline">) and keep media queries alone',
          '<mj-style',
        ),
      );
    for (const css of sheets) found.push(...inSheet(css));
    found.push(...valuesNobodyGives(sheets.join('\n'), html));
    return found;
  },
};

/** A declaration with such a value is as if it weren't there. */
function valuesNobodyGives(css: string, html: string): Found[] {
  const names = new Set([...css.matchAll(/var\(\s*(--[\w-]+)\s*\)/g)].map(([, name = '']) => name));
  return [...names]
    .filter((name) => !new RegExp(`[{;"'\\s]${name}\\s*:`).test(html))
    .map((name) =>
      error(
        `var(${name}) stands for nothing: no style sheet says what ${name} is, and what it is used for is left out`,
        'write the value itself; few mail programs know var() at all',
        `var(${name})`,
      ),
    );
}

/** Reads a sheet character by character: comments, texts, and what is open. */
function inSheet(css: string): Found[] {
  const found: Found[] = [];
  const open: string[] = [];
  let prelude = '';
  for (let at = 0; at < css.length; at += 1) {
    const character = css[at] ?? '';
    if (css.startsWith('/*', at)) {
      const end = css.indexOf('*/', at + 2);
      if (end < 0)
        return [
          ...found,
          error(
            'a comment in a style sheet is never closed: all rules after it are gone',
            'close it with */',
            css.slice(at, at + 30).trim(),
          ),
        ];
      at = end + 1;
    } else if (css.startsWith('*/', at)) {
      found.push(
        error(
          'a comment in a style sheet ends that never began: the rule after it is gone',
          'take out */, or begin the comment with /*',
          lineOf(css, at),
        ),
      );
      at += 1;
    } else if (css.startsWith('<!--', at) || css.startsWith('-->', at)) {
      found.push(
        error(
          'an html comment stands in a style sheet: the rule after it is gone in some mail programs',
          'write /* … */',
          lineOf(css, at),
        ),
      );
      at += 2;
    } else if (character === '"' || character === "'") {
      const text = /^(["'])(?:\\[\s\S]|(?!\1)[^\\\n])*\1/.exec(css.slice(at))?.[0];
      if (text === undefined)
        return [
          ...found,
          error(
            'a text in a style sheet is never closed: the rules after it are gone',
            `close it with ${character} on its line`,
            lineOf(css, at),
          ),
        ];
      prelude += text;
      at += text.length - 1;
    } else if (character === '{') {
      const rule = prelude.trim();
      const inside = open.find((one) => one.startsWith('@'));
      if (rule.startsWith('@') && inside !== undefined)
        found.push(
          error(
            `${rule} stands within ${inside}: Gmail drops the style sheet, Outlook.com the rule`,
            'write them one after the other, with “and” between their conditions',
            rule,
          ),
        );
      else if (rule.startsWith('@') && open.length > 0)
        found.push(
          warning(
            `${rule} stands within the rule ${open.at(-1) ?? ''}: most mail programs don’t know rules in rules`,
            'write the at-rule around the rule',
            rule,
          ),
        );
      open.push(rule);
      prelude = '';
    } else if (character === '}') {
      found.push(...declaration(prelude));
      if (open.pop() === undefined)
        found.push(
          error(
            'a } in a style sheet closes nothing: the rule after it is gone',
            'take it out',
            lineOf(css, at),
          ),
        );
      prelude = '';
    } else if (character === ';') {
      found.push(...declaration(prelude));
      prelude = '';
    } else prelude += character;
  }
  const left = open.at(-1);
  return left === undefined
    ? found
    : [
        ...found,
        error(`${left} { is never closed: all rules after it are gone`, 'close it with }', left),
      ];
}

/** What stands up to a `;` or `}`. */
function declaration(written: string): Found[] {
  const said = written.trim();
  return said === '' || said.startsWith('@') || said.includes(':')
    ? []
    : [
        error(
          `“${said.slice(0, 60)}” says nothing: it has no colon, and some mail programs drop the rule`,
          'write a name, a colon and a value',
          said.slice(0, 60),
        ),
      ];
}

const lineOf = (css: string, at: number) =>
  css
    .slice(
      css.lastIndexOf('\n', at) + 1,
      (css.indexOf('\n', at) + css.length + 1) % (css.length + 1),
    )
    .trim()
    .slice(0, 60);
