import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';

import { Parser } from 'htmlparser2';
import { expect, it } from 'vitest';

import { samples } from '../../test/fixtures-import/samples.ts';
import { decode } from './decode.ts';
import { importTemplate } from './import.ts';

const corpus = join(import.meta.dirname, '../../test/fixtures-import');

/** Links and pictures, by a parser that knows nothing of templates; what conditions and loops there are, by their ends. */
function countsOf(source: string) {
  const counts = { links: 0, pictures: 0, blocks: 0 };
  const parser = new Parser(
    {
      onopentag: (name, { href, src }) => {
        if (/^(a|mj-button)$/.test(name) && href !== undefined) counts.links += 1;
        if (/^(img|mj-image)$/.test(name) && src !== undefined) counts.pictures += 1;
      },
    },
    { recognizeSelfClosing: true },
  );
  // Quotes within fields would end an attribute for it.
  parser.end(source.replace(/\{\{[^{}]*\}\}/g, (one) => one.replaceAll(/["']/g, '')));
  counts.blocks = (
    source.match(/\{\{~?\/[^{}]*\}\}|\*\|END:[^|]*\|\*|\{%-?\s*end(?:if|for|unless)\b/g) ?? []
  ).length;
  return counts;
}

/** Every field that is printed or asked for, by its last name. */
const fieldsOf = (source: string) =>
  new Set(
    [
      ...source.matchAll(
        /\{\{[{~#&^]*\s*(?:if|unless|each|with)?\s*([\w.@/]+)[^{}]*\}\}|\*\|([A-Za-z_]\w*)\|\*/g,
      ),
    ].map(([, name, tag]) => (name ?? tag ?? '').toLowerCase().replace(/^.*[./]/, '')),
  );

type Source = {
  readonly source: string;
  readonly kind: 'html' | 'mjml';
  readonly beside: (path: string) => string | undefined;
};

const files = ['mjml', 'html'].flatMap((folder) =>
  readdirSync(join(corpus, folder))
    .filter((file) => /\.(mjml|html|hbs)$/.test(file))
    .map((file): [string, Source] => {
      const path = join(corpus, folder, file);
      const beside = (name: string) => {
        const found = join(path, '..', name);
        return existsSync(found) ? decode(readFileSync(found)).text : undefined;
      };
      const kind = extname(file) === '.mjml' ? 'mjml' : 'html';
      return [basename(file), { source: decode(readFileSync(path)).text, kind, beside }];
    })
    .filter(([, { kind, source }]) => kind === 'html' || source.includes('<mjml')),
);
const written = Object.entries(samples).map(([name, one]): [string, Source] => [
  name,
  { ...one, beside: () => undefined },
]);
const others: [string, Source][] = Object.entries({
  'Klaviyo: fallbacks and an else-if chain': `<p>{{ first_name|default:'there' }}</p>{% if tier == 'gold' %}<a href="https://a.example/g">G</a>{% elsif tier == "silver" %}<a href="https://a.example/s">S</a>{% else %}<a href="https://a.example/o">O</a>{% endif %}{% for item in event.Items %}<img src="{{ item.ImageURL }}"><b>{{ item.ProductName }}</b>{% endfor %}`,
  'Customer.io: unless, nested loops, a filter': `{% unless customer.paused %}{% for order in customer.orders %}{% for line in order.lines %}<p>{{ line.name | upcase }}</p>{% endfor %}{% endfor %}{% endunless %}<a href="{{ event.url }}">x</a>`,
  'Mailchimp: conditions in comments, a preheader, a pixel': `<span style="display:none">Hi&nbsp;&zwnj;&nbsp;&zwnj;</span><!-- *|IF:VIP|* --><a href="https://a.example/v">V</a><!-- *|ELSE:|* --><a href="https://a.example/w">W</a><!-- *|END:IF|* --><img src="https://t.example/p.gif?id=1" width="1" height="1"><p>*|FNAME|*</p>`,
  'Handlebars: inverted sections in comments, deep': `<!--{{#each orders}}--><!--{{#each lines}}--><p>{{name}}</p><!--{{^gift}}--><img src="{{image}}"><!--{{/gift}}--><!--{{/each}}--><!--{{/each}}-->`,
}).map(([name, source]) => [
  name,
  {
    kind: 'html',
    source: `<html><head><title>T</title></head><body>${source}</body></html>`,
    beside: () => undefined,
  },
]);

it.each([...files, ...written, ...others])(
  'nothing is dropped in silence: what of %s isn’t in the result stands in the report',
  (_, { source, kind, beside }) => {
    const {
      files: made,
      open,
      changed,
    } = importTemplate({
      name: 'x',
      file: `theirs.${kind}`,
      kind,
      source,
      beside,
      locales: ['en'],
      brands: [],
    });
    const result = [...made]
      .filter(([file]) => /\.(mjml|html)$/.test(file))
      .map(([, text]) => text)
      .join('\n');
    const words = [...made].filter(([file]) => file.endsWith('.json')).map(([, text]) => text);
    const report = [...open, ...changed].join('\n');
    const before = countsOf(source);
    const after = countsOf(result);
    expect(after.links).toBeGreaterThanOrEqual(
      before.links - (report.match(/<a\b|href=/g) ?? []).length,
    );
    expect(after.pictures).toBeGreaterThanOrEqual(
      before.pictures - (report.match(/<img\b|src=/g) ?? []).length,
    );
    expect(after.blocks).toBeGreaterThanOrEqual(
      before.blocks - (report.match(/is left out/g) ?? []).length,
    );
    const there = `${result}\n${words.join('\n')}\n${report}`.toLowerCase();
    // What Mailchimp calls its preview text is the mail's preheader.
    const lost = [...fieldsOf(source)].filter(
      (name) => !['', 'else', 'mc_preview_text'].includes(name) && !there.includes(name),
    );
    expect(lost).toEqual([]);
  },
);

it('and enough is looked at', () => {
  const all = [...files, ...written, ...others].map(([, { source }]) => countsOf(source));
  const sum = (of: keyof (typeof all)[number]) => all.reduce((made, one) => made + one[of], 0);
  expect(all.length).toBeGreaterThan(25);
  expect([sum('links') > 20, sum('pictures') > 10, sum('blocks') > 40]).toEqual([true, true, true]);
});
