import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import {
  brandFiles,
  brandJson,
  folderWith,
  loadNote,
  mjml,
  mjmlText,
  note,
  viewOf,
  words,
} from '../../test/fixtures-render/folder.ts';
import { loadTemplates } from './load.ts';
import { loadBrands } from './voice/brand-files.ts';

const banner = {
  'blocks/points-banner.mjml':
    '<mj-section><mj-column><mj-text>{{t "banner" points=(points usablePoints)}} at {{@root.brand.name}}</mj-text></mj-column></mj-section>',
  'blocks/points-banner.text.hbs': '{{t "banner" points=(points usablePoints)}}\n',
  'blocks/locales/en.json': { banner: 'You have {points}' },
};

const english = brandFiles['brands/roast/locales/en.json'];

describe('a template', () => {
  it('says what it is given, escaped, in pure ASCII html', async () => {
    const set = await loadNote({ 'note/body.mjml': mjmlText('{{data.x}} – [[name]]') });
    const { html } = set
      .compiled('note', 'roast', 'en')
      .render(viewOf({ data: { x: `<b>"O'Brien" & Söhne 🙂</b>\0` } }));
    expect(html).toContain(
      '&lt;b&gt;&quot;O&#39;Brien&quot; &amp; S&#246;hne &#128578;&lt;/b&gt; &#8211; Roast &amp; Co',
    );
    expect(html).toMatch(/^[\t\n\x20-\x7E]*$/);
  });

  it('keeps subjects as they are, on one clean line of at most 255 characters', async () => {
    const set = await loadNote({ 'note/body.mjml': mjmlText('x') });
    const render = (topic: string) =>
      set.compiled('note', 'roast', 'en').render(viewOf({ data: { topic } })).subject;
    expect(render(`O'Brien & Sons <3`)).toBe(`Your O'Brien & Sons <3`);
    expect(render('a\r\nBcc: eve@example.com\0b')).toBe('Your a Bcc: eve@example.com b');
    expect(render('🙂'.repeat(3000))).toMatch(/^Your (🙂)+…$/u);
    expect(render('🙂'.repeat(3000)).length).toBeLessThanOrEqual(255);
  });

  it('shows a block only when it was decided to be shown, in html and text', async () => {
    const set = await loadNote(
      {
        ...banner,
        'note/body.mjml': mjml(
          '{{> points-banner}}<mj-section><mj-column><mj-text>after</mj-text></mj-column></mj-section>',
        ),
        'note/text.hbs': 'Hello\n\n{{> points-banner}}\nafter\n',
      },
      { blocks: ['points-banner'] },
    );
    const compiled = set.compiled('note', 'roast', 'en');
    const shown = compiled.render(viewOf({ blocks: { pointsBanner: { usablePoints: 12_400 } } }));
    expect(shown.html).toContain('You have 12,400 stars at Roast &amp; Co');
    expect(shown.text).toBe('Hello\n\nYou have 12,400 stars\nafter\n');
    const hidden = compiled.render(viewOf());
    expect(hidden.html).not.toContain('You have');
    expect(hidden.html).toContain('after');
    expect(hidden.text).toBe('Hello\n\nafter\n');
  });

  it('without a text of its own gets one out of its html', async () => {
    const set = await loadNote({
      'note/body.mjml': mjml(
        '<mj-section><mj-column><mj-text><h1>Hello {{member.firstName}}</h1><p>Two lines</p></mj-text><mj-button href="{{link \'https://roast.example/o\'}}">Open</mj-button></mj-column></mj-section>',
      ),
    });
    const { text } = set.compiled('note', 'roast', 'en').render(viewOf());
    expect(text).toContain('Hello Ana\n');
    expect(text).toContain('Open [https://roast.example/o]');
    expect(text).not.toContain('About your order');
    expect(text).not.toMatch(/\n{3}|[ \t]\n/);
  });

  it('has no empty inherited values, only empty ones: constructor, __proto__ and the like', async () => {
    const set = await loadNote({
      'note/body.mjml': mjmlText(
        '[{{constructor}}{{data.constructor.name}}{{data.__proto__.x}}{{__proto__}}{{data.toString}}{{data.constructor.constructor}}{{@root.constructor}}{{#with data.constructor}}x{{/with}}{{#each data.__proto__}}x{{/each}}]'
          .replaceAll('[', '(')
          .replaceAll(']', ')'),
      ),
    });
    const { html } = set.compiled('note', 'roast', 'en').render(viewOf());
    expect(html).toContain('>()<');
  });

  it.each([
    ['{{money data.x "EUR"}}', null],
    ['{{points data.x}}', NaN],
    ['{{number data.x}}', undefined],
    ['{{date data.x}}', {}],
    ['{{data.x}}', {}],
    ['{{data.x}}', NaN],
    ['{{data.x}}', { type: 'Program', body: [{ type: 'MustacheStatement' }] }],
  ])('never prints %s of %s', async (source, x) => {
    const set = await loadNote({ 'note/body.mjml': mjmlText(source) });
    expect(() => set.compiled('note', 'roast', 'en').render(viewOf({ data: { x } }))).toThrow(
      expect.objectContaining({
        name: 'PermanentError',
        code: 'bad-value',
        message: expect.stringContaining('template "note"'),
      }),
    );
  });

  it('never links to a script', async () => {
    const set = await loadNote({ 'note/body.mjml': mjmlText('<a href="{{link data.x}}">x</a>') });
    const compiled = set.compiled('note', 'roast', 'en');
    expect(compiled.render(viewOf({ data: { x: 'https://a.example/?b=1&c="2"' } })).html).toContain(
      '<a href="https://a.example/?b=1&amp;c=%222%22">',
    );
    expect(() => compiled.render(viewOf({ data: { x: 'javascript:alert(1)' } }))).toThrow(
      expect.objectContaining({ code: 'bad-link' }),
    );
  });

  it('knows its language, its direction and its preheader', async () => {
    const set = await loadNote({ 'note/body.mjml': mjmlText('x') });
    const { html } = set.compiled('note', 'roast', 'en').render(viewOf());
    expect(html).toContain('<html lang="en" dir="ltr"');
    expect(html).toContain('<title>Your order</title>');
    expect(html).toMatch(/display:none[^>]*>About your order(?:&#8199;&#847;)+</);
    expect(html).not.toMatch(/<link|@import|fonts\.googleapis/);
  });
});

describe('locales', () => {
  const files = {
    ...brandFiles,
    'brands/roast/locales/de.json': {
      points: '{count, plural, one {# Stern} other {# Sterne}}',
      entitlements: { 'free-bag': 'Ein Koffer' },
      hello: 'Moin',
    },
    'brands/roast/locales/de-AT.json': { hello: 'Servus' },
    'note/locales/en.json': { ...words, hello: 'Hello' },
    'note/locales/de.json': { subject: 'Deine {topic}', preheader: 'Zu {topic}', hello: 'Hallo' },
    'note/body.mjml': mjmlText('{{t "hello"}} {{points 2}}'),
  };
  it('fall back from the very locale to the language to the brand’s default', async () => {
    const root = await folderWith(files);
    const set = await loadTemplates({
      root,
      definitions: [note()],
      brands: await loadBrands(root),
    });
    const said = (locale: string) => {
      const compiled = set.compiled('note', 'roast', locale);
      return [compiled.locale, />(\w+) \d/.exec(compiled.render(viewOf()).html)?.[1]];
    };
    expect(said('de-AT')).toEqual(['de-AT', 'Servus']);
    expect(said('de-CH')).toEqual(['de', 'Moin']);
    expect(said('en-GB')).toEqual(['en', 'Hello']);
    expect(said('fr')).toEqual(['en', 'Hello']);
  });

  it('missing a text that is used are refused, naming file, line, key and locale', async () => {
    const root = await folderWith({
      ...files,
      'note/body.mjml': mjmlText('\n{{t "hello"}}\n{{t "bye"}} {{t "who"}}'),
      'note/locales/en.json': { ...words, hello: 'Hello', bye: 'Bye', who: 'For {name}' },
    });
    const error = await loadTemplates({
      root,
      definitions: [note()],
      brands: await loadBrands(root),
    }).catch(String);
    expect(error).toContain(
      'note/body.mjml:6: there is no text "bye" in de; add it to note/locales/de.json',
    );
    expect(error).toContain('text "who" in en says {name}, which is not given: name=');
  });

  it('R18: whose subject says a name that is nearly one it is given are refused, whichever file says it', async () => {
    const wrong = { subject: 'Your {topci}', preheader: 'About {topic} for {nmae}' };
    const error = await loadNote({
      'note/body.mjml': mjmlText('x'),
      'note/locales/en.json': JSON.stringify(wrong, null, 2),
    }).catch(String);
    expect(error).toContain(
      'note/locales/en.json:2 subject: says {topci}, which the template’s headline doesn’t give; did you mean {topic}?',
    );
    expect(error).toContain('note/locales/en.json:3 preheader: says {nmae}');
    const branded = await loadNote({
      'note/body.mjml': mjmlText('x'),
      'brands/roast/locales/en.json': {
        ...(typeof english === 'object' && english),
        subject: '{tpoic} at {brand}',
      },
    }).catch(String);
    expect(branded).toMatch(
      /brands\/roast\/locales\/en\.json:\d+ subject: says \{tpoic\}.*\{topic\}\?/,
    );
  });

  it('R18: a benefit written out in a look is one the brand has words for', async () => {
    const error = await loadNote({
      'note/body.mjml': mjmlText('\n{{entitlement "free-bgg"}}{{entitlement "free-bag"}}'),
    }).catch(String);
    expect(error).toContain('note/body.mjml:5: there is no text "entitlements.free-bgg" in en');
    expect(error).not.toContain('free-bag');
  });

  it('need subject and preheader, points and every entitlement', async () => {
    const error = await loadNote({
      'note/body.mjml': mjmlText('x'),
      'note/locales/en.json': {},
      'brands/roast/locales/en.json': {},
    }).catch(String);
    expect(error).toContain('note/locales/en.json: has no text "subject"');
    expect(error).toContain('note/locales/en.json: has no text "preheader"');
    expect(error).toContain('brands/roast/locales/en.json: has no text "points"');
    expect(error).toContain('brands/roast/locales/en.json: has no text "entitlements.free-bag"');
  });
});

describe('the set', () => {
  it('says which template or brand it does not know', async () => {
    const set = await loadNote({ 'note/body.mjml': mjmlText('x') });
    expect(set.names).toEqual(['note']);
    expect(set.definition('note').title).toBe('Note');
    expect(() => set.definition('nope')).toThrow(
      expect.objectContaining({ name: 'PermanentError', code: 'unknown-template' }),
    );
    expect(() => set.compiled('nope', 'roast', 'en')).toThrow(/no template "nope"/);
    expect(() => set.compiled('note', 'toast', 'en')).toThrow(
      expect.objectContaining({ code: 'unknown-brand' }),
    );
  });

  it.each([
    ['note/body.mjml', mjmlText('other')],
    ['note/text.hbs', 'other'],
    ['note/template.ts', 'export {};'],
    ['note/locales/en.json', { ...words, other: 'x' }],
    ['brands/roast/brand.json', { ...brandJson, radius: 9 }],
    [
      'partials/footer.mjml',
      '<mj-section><mj-column><mj-text>new</mj-text></mj-column></mj-section>',
    ],
  ])('gives a template another version when %s changes', async (file, content) => {
    const files = {
      ...brandFiles,
      'note/body.mjml': mjml('{{> footer}}'),
      'note/text.hbs': 'x',
      'note/template.ts': '',
      'note/locales/en.json': words,
      'partials/footer.mjml':
        '<mj-section><mj-column><mj-text>old</mj-text></mj-column></mj-section>',
    };
    const root = await folderWith(files);
    const version = async () =>
      (
        await loadTemplates({ root, definitions: [note()], brands: await loadBrands(root) })
      ).compiled('note', 'roast', 'en').version;
    const before = await version();
    expect(await version()).toBe(before);
    await writeFile(
      join(root, file),
      typeof content === 'string' ? content : JSON.stringify(content),
    );
    expect(await version()).not.toBe(before);
  });

  it('refuses a template without a body, and one with two', async () => {
    const none = await loadNote({}).catch(String);
    expect(none).toContain('note: has no body.mjml, body.html or body.tsx');
    const two = await loadNote({ 'note/body.mjml': mjmlText('x'), 'note/body.tsx': 'x' }).catch(
      String,
    );
    expect(two).toContain('has body.mjml and body.tsx; keep one');
  });

  it('wants every block placed that is listed, and listed that is placed', async () => {
    const unplaced = await loadNote(
      { ...banner, 'note/body.mjml': mjmlText('x') },
      { blocks: ['points-banner'] },
    ).catch(String);
    expect(unplaced).toContain(
      'note/body.mjml: block "points-banner" is listed in template.ts but not placed',
    );
    const unlisted = await loadNote({
      ...banner,
      'note/body.mjml': mjml('{{> points-banner}}'),
    }).catch(String);
    expect(unlisted).toContain('places block "points-banner", which is not listed in template.ts');
  });

  it('is of use without the folder it came from', async () => {
    const root = await folderWith({
      ...brandFiles,
      'note/locales/en.json': words,
      'note/body.mjml': mjmlText('x'),
    });
    const set = await loadTemplates({
      root,
      definitions: [note()],
      brands: await loadBrands(root),
    });
    await rm(root, { recursive: true });
    expect(set.compiled('note', 'roast', 'en').render(viewOf()).html).toContain('>x<');
  });
});
