import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { loadNote, mjml, viewOf } from '../../../test/fixtures-render/folder.ts';

const column = (inner: string) => mjml(`<mj-section><mj-column>${inner}</mj-column></mj-section>`);
const partials = {
  'partials/hello.mjml':
    '<mj-section><mj-column><mj-text>Hello {{member.firstName}}</mj-text></mj-column></mj-section>',
  'partials/button.mjml':
    '<mj-button\n  href="[[@href]]"\n  background-color="[[accent]]"\n  align="[[@align|center]]">[[@content]]</mj-button>',
  'blocks/points-banner.mjml':
    '<mj-section><mj-column><mj-text>{{points usablePoints}} at {{@root.brand.name}}</mj-text></mj-column></mj-section>',
};

const htmlOf = async (body: string, blocks: readonly string[] = []) => {
  const set = await loadNote({ ...partials, 'note/body.mjml': body }, { blocks });
  const view = viewOf({
    data: { url: 'https://roast.example/?a=1', open: true },
    blocks: { pointsBanner: { usablePoints: 500 } },
  });
  return set.compiled('note', 'roast', 'en').render(view).html;
};
const refusal = async (body: string) =>
  loadNote({ ...partials, 'note/body.mjml': body }).catch(String);

describe('a component', () => {
  it('is the partial or block of its name', async () => {
    expect(await htmlOf(mjml('<laurel-hello/><laurel-points-banner />'), ['points-banner'])).toBe(
      await htmlOf(mjml('{{> hello}}{{> points-banner}}'), ['points-banner']),
    );
    expect(await htmlOf(mjml('<laurel-hello></laurel-hello>'))).toContain('Hello Ana');
  });

  it('takes what its partial has a slot for: values, conditions, words', async () => {
    const html = await htmlOf(
      column(
        '<laurel-button href="{{link data.url "orders" from=\'mail\'}}">{{#if data.open}}Open{{else}}Closed{{/if}} it</laurel-button><!-- <laurel-nothing> -->',
      ),
    );
    expect(html).toContain('href="https://roast.example/orders?a=1&amp;from=mail"');
    expect(html).toContain('align="center"');
    expect(html).toMatch(/>\s*Open it\s*</);
    const left = column('<laurel-button href="https://a.example" align="left">x</laurel-button>');
    expect(await htmlOf(left)).toMatch(
      /<td align="left"[^>]*>\s*<table[^>]*>\s*<tbody>\s*<tr>\s*<td align="center"/,
    );
  });

  it('of the library is the button of the brand', async () => {
    const button = readFileSync('templates/partials/button.mjml', 'utf8');
    const set = await loadNote({
      'partials/button.mjml': button,
      'note/body.mjml': column('<laurel-button href="{{link data.url}}">Open</laurel-button>'),
    });
    const { html } = set
      .compiled('note', 'roast', 'en')
      .render(viewOf({ data: { url: 'https://roast.example/o' } }));
    expect(html).toMatch(
      /<a href="https:\/\/roast\.example\/o" style="[^"]*background:#1e3932[^"]*"[^>]*>\s*Open\s*<\/a>/,
    );
  });

  it.each([
    [
      '<laurel-statu />',
      /note\/body\.mjml:4: <laurel-statu> is not known: there is no partials\/statu\.mjml or blocks\/statu\.mjml/,
    ],
    ['\n<laurel-hello name="x" />', /note\/body\.mjml:5: <laurel-hello> takes no name/],
    ['<laurel-hello>x</laurel-hello>', /<laurel-hello> takes nothing within/],
    ['<laurel-button>x</laurel-button>', /<laurel-button> needs href/],
    ['<laurel-button href="https://a.example" />', /<laurel-button> needs words within/],
    [
      '<laurel-button href="https://a.example" color="red">x</laurel-button>',
      /takes no color; it takes href, align/,
    ],
    ['<laurel-button href="{{data.url}}">x</laurel-button>', /href takes one \{\{link …\}\}/],
    ['<laurel-button href="javascript:alert(1)">x</laurel-button>', /href must be http/],
    ['<laurel-hello', /<laurel-hello> is not complete/],
    ['{{> button}}', /partials\/button\.mjml:\d: this partial is filled in by its component/],
  ])('%s is refused with file and line', async (written, message) => {
    expect(await refusal(column(written))).toMatch(message);
  });
});
