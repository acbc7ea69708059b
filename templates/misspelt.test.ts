import { beforeAll, expect, it } from 'vitest';

import { lintHandlebars } from '../src/render/handlebars/lint.ts';
import { viewShape } from '../src/render/handlebars/view-shape.ts';
import { brandTokens } from '../src/render/mjml/brand-tokens.ts';
import { expandMjml } from '../src/render/mjml/expand.ts';
import { type Partials, readPartials, readPieces } from '../src/render/mjml/partials.ts';
import { filesIn } from '../src/render/source/template-files.ts';
import { expandText } from '../src/render/text/text-part.ts';
import { type LoadedBrand, loadBrands } from '../src/render/voice/brand-files.ts';
import { templates } from './index.ts';

const looks = filesIn(import.meta.dirname);
let juniper: LoadedBrand;
let partials: Partials;
beforeAll(async () => {
  const found = (await loadBrands(import.meta.dirname)).get('juniper');
  if (!found) throw new Error('no brand juniper');
  juniper = found;
  partials = await readPartials(looks);
});

/** Every name of a field, a value or a helper in an expression, and where it ends; of expressions alike, in the first. */
function* namesIn(source: string): Generator<{ readonly end: number; readonly name: string }> {
  const seen = new Set<string>();
  for (const { 0: expression, index } of source.matchAll(/\{\{(?![!>/])[^}]*\}\}/g)) {
    if (seen.has(expression)) continue;
    seen.add(expression);
    // Texts, names given in a loop, keywords, names of arguments.
    const others = /"[^"]*"|'[^']*'|\bas \|[^|]*\||#\s*[a-z]+|\belse( [a-z]+(?=\s))?|[\w-]+=/g;
    const code = expression.replace(others, (one) => ' '.repeat(one.length));
    for (const { 0: name, index: at } of code.matchAll(/(?<![@\w])[A-Za-z_]\w*/g))
      if (name !== 'this') yield { name, end: index + at + name.length };
  }
}

it.each(['body.mjml', 'text.hbs'])(
  'R18: each name of each %s and of what it places, misspelt, is an error with file, line and the name that was meant',
  async (part) => {
    const [expand, ending] = part === 'text.hbs' ? [expandText, 'text.hbs'] : [expandMjml, 'mjml'];
    const tokens = brandTokens(juniper.brand, 'ltr');
    const missed: string[] = [];
    const done = new Set<string>();
    let planted = 0;
    for (const definition of templates) {
      const body = `${definition.name}/${part}`;
      const source = await looks.read(body);
      if (source === undefined) continue;
      const pieces = new Map([...partials, ...(await readPieces(looks, definition.name, false))]);
      const find = (name: string) => pieces.get(`${name}.${ending}`);
      const { files } = expand({ file: body, source }, find, tokens);
      const shape = viewShape(definition);
      const problemsOf = (now: ReadonlyMap<string, string>) =>
        lintHandlebars(body, { files: now, find, root: shape }).problems;
      expect(problemsOf(files)).toEqual([]);
      for (const [file, right] of files) {
        // A piece of several mails is misspelt in one of them.
        if (done.has(file) || file.includes('built in')) continue;
        done.add(file);
        for (const { name, end } of namesIn(right)) {
          const before = right.slice(0, end);
          const line = before.split('\n').length;
          const told = problemsOf(new Map([...files, [file, `${before}z${right.slice(end)}`]]));
          planted += 1;
          const meant = `${name}z; did you mean ${name}?`;
          const found = told.some(
            (one) => one.file === file && one.line === line && one.message.includes(meant),
          );
          if (!found) missed.push(`${file}:${line} ${name}z: ${told[0]?.message ?? 'nothing'}`);
        }
      }
    }
    expect(missed).toEqual([]);
    expect(planted).toBeGreaterThan(200);
    expect([...done].filter((one) => one.startsWith('blocks/')).length).toBeGreaterThan(9);
  },
);
