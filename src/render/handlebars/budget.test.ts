import { describe, expect, it } from 'vitest';

import { loadNote, mjml, mjmlText, viewOf } from '../../../test/fixtures-render/folder.ts';

const rendering = async (files: Record<string, string>) => {
  const set = await loadNote(files);
  return (data: Record<string, unknown>) =>
    set.compiled('note', 'roast', 'en').render(viewOf({ data }));
};
const tooLarge = (place: string) =>
  expect.objectContaining({ code: 'too-large', message: expect.stringContaining(place) });
const list = Array.from({ length: 2_000 }, (_, n) => ({ n, name: `Item ${n}` }));

describe('a compiled template can’t run away', () => {
  it('a long list is fine', async () => {
    const render = await rendering({
      'note/body.mjml': mjmlText('{{#each data.items}}{{n}} {{name}};{{/each}}'),
    });
    expect(render({ items: list }).html).toContain('1999 Item 1999;');
  });

  it('over a list within the same list within the same list', async () => {
    const loop = '{{#each @root.data.items}}';
    const render = await rendering({
      'note/body.mjml': mjmlText(`\n${loop}${loop}${loop}{{n}}{{/each}}{{/each}}{{/each}}`),
    });
    expect(() => render({ items: list })).toThrow(
      tooLarge('template "note": note/body.mjml:5:53 {{#each @root.data.items}}: goes around'),
    );
    // What it may cost is each mail's own.
    expect(render({ items: list.slice(0, 3) }).html).toContain('012');
  });

  it('over a loop that does nothing but ask', async () => {
    const loop = '{{#each @root.data.items}}';
    const asks = '{{#if a}}{{else if b}}{{/if}}'.repeat(50);
    const render = await rendering({
      'note/body.mjml': mjmlText(`${loop}${loop}${asks}{{/each}}{{/each}}`),
    });
    expect(() => render({ items: list })).toThrow(tooLarge('goes around'));
  });

  it('over words of its own in a loop, though they are the same for everyone', async () => {
    const words = 'the same words for everyone '.repeat(100);
    const render = await rendering({
      'note/body.mjml': mjmlText(`{{#each data.items}}${words}{{n}}{{/each}}`),
    });
    expect(() => render({ items: list })).toThrow(tooLarge('{{#each data.items}}: makes more'));
  });

  it('over a long text said again and again, in html or text', async () => {
    const said = '{{data.words}}'.repeat(50);
    for (const files of [
      { 'note/body.mjml': mjmlText(said) },
      { 'note/body.mjml': mjmlText('x'), 'note/text.hbs': said },
    ]) {
      const render = await rendering(files);
      expect(() => render({ words: '<'.repeat(100_000) })).toThrow(tooLarge('{{data.words}}'));
    }
  });

  it('over a list that makes columns', async () => {
    const render = await rendering({
      'note/body.mjml': mjml(
        '<mj-section>{{#each data.items}}<mj-column><mj-text>{{n}}</mj-text></mj-column>{{/each}}</mj-section>',
      ),
    });
    expect(() => render({ items: list })).toThrow(/makes a column of each/);
  });

  it('over partials that contain each other: they are refused before anything is sent', async () => {
    const files = {
      'note/body.mjml': mjml('{{> one}}'),
      'partials/one.mjml': '{{> two}}',
      'partials/two.mjml': '{{> one}}',
    };
    await expect(rendering(files)).rejects.toThrow('partial one contains itself');
  });
});
