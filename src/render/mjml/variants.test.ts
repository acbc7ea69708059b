import { describe, expect, it } from 'vitest';

import { loadNote, mjml, viewOf } from '../../../test/fixtures-render/folder.ts';

const column = (inner: string) => `<mj-column><mj-text>${inner}</mj-text></mj-column>`;

async function rendering(body: string) {
  const set = await loadNote({ 'note/body.mjml': mjml(body) });
  const compiled = set.compiled('note', 'roast', 'en');
  return (data: Record<string, unknown>) => compiled.render(viewOf({ data })).html;
}

/** Widths of the columns of a mail, as a browser on a desk shows them. */
const widths = (html: string) =>
  [...html.matchAll(/class="mj-column-(?:per|px)-(\d+)/g)].map(([, width]) => Number(width));

describe('what MJML calculates with', () => {
  it('is picked anew in every round of a loop', async () => {
    const html = await rendering(
      `{{#each data.rows}}<mj-section>${column('a')}{{#if picture}}${column('{{picture}}')}{{/if}}</mj-section>{{/each}}`,
    );
    const made = html({ rows: [{ picture: 'p' }, {}, { picture: 'q' }] });
    expect(widths(made)).toEqual([50, 50, 100, 50, 50]);
    expect(made).toMatch(/>p<[\s\S]*>q</);
  });

  it('may be the number of rounds, whose names mean what they mean in a loop', async () => {
    const html = await rendering(
      `<mj-section>{{#each data.steps as |step at|}}${column('{{at}}/{{@index}} {{step.name}} {{name}} {{../data.of}}{{#if @last}} last{{/if}}')}{{else}}${column('none')}{{/each}}</mj-section>`,
    );
    const made = html({ of: 'of', steps: [{ name: 'x' }, { name: 'y' }, { name: 'z' }] });
    expect(widths(made)).toEqual([33, 33, 33]);
    expect(made).toMatch(/>0\/0 x x of<[\s\S]*>1\/1 y y of<[\s\S]*>2\/2 z z of last</);
    expect(widths(html({ steps: [] }))).toEqual([100]);
    expect(html({ steps: [] })).toContain('>none<');
  });

  it('asks for the same thing once, however often it is written', async () => {
    const asked = '{{#if data.x}}10px{{else}}20px{{/if}}';
    const html = await rendering(
      `<mj-section padding="${asked}">${Array.from({ length: 8 }, () => `{{#if data.x}}${column('x')}{{/if}}`).join('')}</mj-section>`,
    );
    expect(widths(html({ x: true }))).toHaveLength(8);
    expect(html({ x: false })).toContain('padding:20px');
  });

  it('never grows beyond what was compiled: a mail with more columns fails, naming file, line and loop', async () => {
    const html = await rendering(
      `<mj-section>\n{{#each data.steps}}${column('{{this}}')}{{/each}}</mj-section>`,
    );
    expect(widths(html({ steps: [1, 2, 3, 4, 5, 6] }))).toHaveLength(6);
    for (const steps of [[1, 2, 3, 4, 5, 6, 7], { a: 1 }])
      expect(() => html({ steps })).toThrow(
        expect.objectContaining({
          code: 'bad-value',
          message: expect.stringContaining(
            'note/body.mjml:5:1 {{#each data.steps}} makes a column',
          ),
        }),
      );
  });

  it('may be the head, the body, and whole attributes', async () => {
    const set = await loadNote({
      'note/body.mjml': `<mjml><mj-head>{{> head}}{{#if data.big}}<mj-attributes><mj-text font-size="40px" /></mj-attributes>{{/if}}</mj-head>
<mj-body {{#if data.wide}}width="800px"{{/if}}><mj-section>${column('x')}</mj-section></mj-body></mjml>`,
    });
    const html = (data: Record<string, unknown>) =>
      set.compiled('note', 'roast', 'en').render(viewOf({ data })).html;
    expect(html({ big: true })).toMatch(/max-width:600px[\s\S]*font-size:40px/);
    expect(html({ wide: true })).toMatch(/max-width:800px[\s\S]*font-size:13px/);
  });
});

describe('what MJML passes on stays where it is', () => {
  it('written in mj-raw, or for Outlook alone', async () => {
    const html = await rendering(
      `<mj-raw>{{#if data.x}}</mj-raw><mj-section>${column('shown')}</mj-section><mj-raw>{{else}}</mj-raw><mj-section>${column('else')}</mj-section><mj-raw>{{/if}}</mj-raw>
<mj-section>${column('<!--[if mso]>{{#if data.x}}<b title="{{data.x}}">{{data.x}}</b>{{/if}}<![endif]-->')}</mj-section>`,
    );
    expect(html({ x: '-->"' })).toMatch(
      />shown<[\s\S]*<!--\[if mso\]><b title="--&gt;&quot;">--&gt;&quot;<\/b><!\[endif\]-->/,
    );
    expect(html({})).toMatch(/>else<[\s\S]*<!--\[if mso\]><!\[endif\]-->/);
  });

  it('in classes, styles and spans of html, and around whole attributes', async () => {
    const html = await rendering(
      `<mj-section><mj-column><mj-table><tr><td {{#if data.x}}align="right"{{/if}} class="{{#if data.x}}a{{else}}b{{/if}}" colspan="{{#if data.x}}2{{else}}3{{/if}}" style="color: {{#if data.x}}red{{else}}blue{{/if}}">x</td></tr></mj-table></mj-column></mj-section>`,
    );
    expect(html({ x: 1 })).toContain('<td align="right" class="a" colspan="2" style="color: red">');
    expect(html({})).toMatch(/<td\s+class="b" colspan="3" style="color: blue">/);
  });
});
