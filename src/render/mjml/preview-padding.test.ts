import { parse } from 'parse5';
import { expect, it } from 'vitest';

import { loadNote, viewOf } from '../../../test/fixtures-render/folder.ts';
import { mailElements } from '../check/mail-elements.ts';
import { leakedWords } from '../check/preheader.ts';

const written = (preview: string) =>
  `<mjml><mj-head><mj-title>x</mj-title><mj-preview>${preview}</mj-preview></mj-head><mj-body><mj-section><mj-column><mj-text>Words of the body</mj-text></mj-column></mj-section></mj-body></mjml>`;

it.each([
  ['a fixed one', 'It is on its way'],
  ['one of values', '{{preheader}}'],
  ['one of words and values', 'On its way: {{preheader}} '],
])(
  'R19: a template’s own <mj-preview>, %s, is filled up, and not in the text',
  async (_, preview) => {
    const set = await loadNote({ 'note/body.mjml': written(preview) });
    const { html, text, preheader } = set.compiled('note', 'roast', 'en').render(viewOf());
    const said = preview.replace('{{preheader}}', preheader).trim();
    expect(leakedWords(mailElements(html), said)).toBe('');
    // As any mail program reads it: nothing but signs nobody sees between the preheader and the body's words.
    const hidden = JSON.stringify(textsOf(parse(html)))
      .split(said)[1]
      ?.split('Words of the body')[0];
    expect(hidden?.length).toBeGreaterThan(200);
    for (const sign of ['\u2007', '\u034F']) expect(text).not.toContain(sign);
  },
);

function textsOf(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  if ('value' in node && typeof node.value === 'string') return [node.value];
  return 'childNodes' in node && Array.isArray(node.childNodes)
    ? node.childNodes.flatMap(textsOf)
    : [];
}
