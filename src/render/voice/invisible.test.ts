import * as fc from 'fast-check';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';

import { loadNote, mjmlText, viewOf } from '../../../test/fixtures-render/folder.ts';
import { composeMime } from '../mime/mime.ts';

const steering = [
  '\u202E',
  '\u202D',
  '\u202A',
  '\u2066',
  '\u2067',
  '\u2068',
  '\u2069',
  '\u061C',
  '\u{E0041}',
  '\u{E007F}',
];
const unseen = ['\u200B', '\u00AD', '\u2060', '\uFEFF', '\u180E'];
const joined = ['👩‍👩‍👧', '🏳️‍🌈', '🧑🏽‍🚀', 'می‌خواهم', 'क्‍ष', 'श्री‌मान', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'ക്‍'];

const template = {
  'note/locales/en.json': {
    subject: 'For {topic} and {name}',
    preheader: 'About {topic}',
    hello: 'Hello {name}!',
  },
  'note/text.hbs':
    '{{data.word}}|{{join data.word "-"}}|{{t "hello" name=data.word}}|{{member.firstName}}\n',
};
const bodies = {
  mjml: {
    'note/body.mjml': mjmlText(
      '<p>{{data.word}}|{{join data.word "-"}}|{{t "hello" name=data.word}}</p>',
    ),
  },
  react: {
    'note/body.tsx': `import type { TemplateProps } from '../../../../../src/render/react/template-props.ts';
      export default ({ view, t, subject }: TemplateProps<{ word: string }>) => <html lang="en"><head><title>{subject}</title></head>
        <body title={view.data.word}><p>{view.data.word}|{t('hello', { name: view.data.word })}|{view.member?.firstName}</p></body></html>;`,
  },
};

/** The mail as a program of another make reads it. */
async function read(kind: keyof typeof bodies, word: string) {
  const set = await loadNote(
    { ...template, ...bodies[kind] },
    { parent: `${import.meta.dirname}/../../../test/fixtures-render/react` },
  );
  const rendered = set
    .compiled('note', 'roast', 'en')
    .render(viewOf({ data: { word, topic: word }, member: { firstName: word } }));
  const bytes = composeMime(
    {
      ...rendered,
      html: rendered.html,
      to: { address: 'ana@example.com', name: word },
      from: { address: 'm@roast.example', name: 'Roast' },
      headers: [],
    },
    'm1',
  );
  const { subject = '', to = [], text = '', html = '' } = await PostalMime.parse(bytes);
  const plain = html.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
  return { subject, to: to[0]?.name ?? '', text, html: plain.slice(plain.indexOf('<body')) };
}

/** Where each isolate that is opened is closed, in its line, and nothing else steers. */
function contains(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '\u2068') depth += 1;
    else if (character === '\u2069') depth -= 1;
    else if (steering.includes(character)) return false;
    if (depth < 0) return false;
  }
  return depth === 0;
}

describe.each(['mjml', 'react'] as const)('R17: of a name or text, in %s,', (kind) => {
  it('what steers or can’t be seen is not in headers, and contained in bodies', async () => {
    const word = fc
      .array(
        fc.oneof(
          fc.constantFrom(...steering, ...unseen),
          fc.constantFrom('Ana', ' ', 'gpj.exe', 'ليلى', 'x'),
        ),
        { minLength: 2, maxLength: 7 },
      )
      .map((list) => `A${list.join('')}z`);
    let looked = 0;
    await fc.assert(
      fc.asyncProperty(word, async (given) => {
        const mail = await read(kind, given);
        const letters = Array.from(given)
          .filter((one) => !steering.includes(one) && !unseen.includes(one))
          .join('')
          .replace(/\s+/g, ' ');
        expect(mail.to).toBe(letters);
        const bare = mail.subject.replace(/[\u2068\u2069]/g, '');
        expect(bare).toBe(`For ${letters} and ${letters}`);
        for (const part of [mail.subject, mail.text, mail.html.replace(/<[^>]*>/g, '')])
          expect(contains(part)).toBe(true);
        looked += 1;
      }),
      { numRuns: 12 },
    );
    expect(looked).toBe(12);
  }, 60_000);

  it.each(joined)('the joiners of %s stay', async (word) => {
    const mail = await read(kind, word);
    for (const part of [mail.to, mail.subject, mail.text, mail.html]) expect(part).toContain(word);
  });
});
