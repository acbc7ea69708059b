import * as fc from 'fast-check';
import mjml2html from 'mjml';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import { expect, it, vi } from 'vitest';

import { loadNote, mjml, viewOf } from '../../../test/fixtures-render/folder.ts';

// What is made up here is of no use to keep on disk.
vi.mock('../remembered.ts', async (original) => ({
  ...(await original<object>()),
  remembered: (_kind: string, _of: unknown, make: () => unknown) => make(),
}));

type Node = DefaultTreeAdapterTypes.Node;

/** What a browser shows. */
const shown = (html: string): string => {
  const text = (node: Node): string =>
    node.nodeName === '#text' && 'value' in node
      ? node.value
      : 'childNodes' in node && node.nodeName !== 'style' && node.nodeName !== 'title'
        ? node.childNodes.map(text).join(' ')
        : '';
  return words(text(parse(html)));
};

/**
 * What Outlook shows: it goes through the source from one condition to the next end, and skips what is for others. Read by
 * going from sign to sign, without a pattern of ours.
 */
function shownByOutlook(html: string): string {
  let seen = '';
  let at = 0;
  for (;;) {
    const open =
      html.indexOf('<!--[if', at) < 0 ? html.indexOf('<![if', at) : html.indexOf('<!--[if', at);
    if (open < 0) return shown(seen + html.slice(at));
    seen += html.slice(at, open);
    const from = html.indexOf(']>', open) + 2;
    const to = html.indexOf('<![endif]', from);
    const said = html.slice(open, from);
    const inside = html.slice(from, to < 0 ? html.length : to);
    // Of `<!--[if mso]><!-->` and its like, the rest of the sign.
    if (!said.includes('!mso'))
      seen += inside.replace('<!-->', '').replace('<!-- -->', '').replace('<!--', '');
    if (to < 0) return shown(seen);
    at = html.indexOf('>', to) + 1;
    if (html.startsWith('-->', at)) at += 3;
  }
}

const words = (text: string) =>
  text
    .split(/\s+/)
    .filter((one) => one !== '')
    .join(' ');

const ends = [
  '<!--<![endif]-->',
  '<!-- <![endif]-->',
  '<!--\n<![endif]-->',
  '<!--\t  <![endif]-->',
  '<!-- <![endif] -->',
  '<!--\r\n  <![endif]-->',
];
const opens = ['<!--[if !mso]><!-->', '<!--[if !mso]><!-- -->', '<!--[if !mso]> <!-->'];
const parts = fc
  .array(
    fc.oneof(
      fc.tuple(fc.constantFrom(...opens), fc.constantFrom(...ends)).map(
        ([open, end]) =>
          (n: number) =>
            `${open}<p>web${n}</p>${end}`,
      ),
      fc
        .constantFrom('<!--[if mso]>', '<!--[if gte mso 9]>', '<!--[if mso | IE]>')
        .map((open) => (n: number) => `${open}<p>outlook${n}</p><![endif]-->`),
      fc.constant((n: number) => `<p>all${n}</p>`),
      fc.constant((n: number) => `<!-- for authors ${n} --><p>more${n}</p>`),
      fc.constant((n: number) => `<![if !mso]><p>revealed${n}</p><![endif]>`),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((list) => list.map((make, n) => make(n)).join('\n'));

const around: Readonly<Record<string, (html: string) => string>> = {
  'mj-text': (html) =>
    mjml(`<mj-section><mj-column><mj-text>${html}</mj-text></mj-column></mj-section>`),
  'mj-raw': (html) =>
    mjml(
      `<mj-raw>${html}</mj-raw><mj-section><mj-column><mj-text>end</mj-text></mj-column></mj-section>`,
    ),
  'mj-table': (html) =>
    mjml(
      `<mj-section><mj-column><mj-table><tr><td>${html}</td></tr></mj-table></mj-column></mj-section>`,
    ),
};

it.each(Object.keys(around))(
  'R4: Outlook and all others see of %s what they see of MJML’s own',
  async (name) => {
    const wrap = around[name] ?? mjml;
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(parts, async (html) => {
        const source = wrap(`${html}<p>{{data.word}}</p>`).replace('{{> head}}', '');
        const set = await loadNote({ 'note/body.mjml': source });
        const made = set
          .compiled('note', 'roast', 'en')
          .render(viewOf({ data: { word: 'last' } })).html;
        const theirs = await mjml2html(source.replace('{{data.word}}', 'last'), {
          keepComments: true,
        });
        expect(shown(made)).toBe(shown(theirs.html));
        expect(shownByOutlook(made)).toBe(shownByOutlook(theirs.html));
        expect(shownByOutlook(made)).toContain('last');
        compared += 1;
      }),
      { numRuns: 15 },
    );
    expect(compared).toBeGreaterThanOrEqual(15);
  },
  120_000,
);

it.each(ends)('R4: html with %j is as it was', async (end) => {
  const html = `<html><body><!--[if !mso]><!--><p>Web</p>${end}<p>Everyone {{data.word}}</p>
    <!--[if mso]><p>{{data.word}} one</p><![endif]--><p>Last</p></body></html>`;
  const set = await loadNote({ 'note/body.html': html });
  const made = set.compiled('note', 'roast', 'en').render(viewOf({ data: { word: 'w' } })).html;
  expect(shown(made)).toBe('Web Everyone w Last');
  expect(shownByOutlook(made)).toBe('Everyone w w one Last');
});
