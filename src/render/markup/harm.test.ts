import * as fc from 'fast-check';
import { Parser } from 'htmlparser2';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import { describe, expect, it } from 'vitest';

import { loadNote, mjmlText, viewOf } from '../../../test/fixtures-render/folder.ts';
import { harmIn } from './harm.ts';

const parent = `${import.meta.dirname}/../../../test/fixtures-render/react`;

/** A mail with these words in Markdown. */
const mail = async (words: string) => {
  const body = `import { Markdown } from '@react-email/components';
      export default ({ view }: { view: { data: { note: string } } }) =>
        <html lang="en"><head><title>x</title></head><body><Markdown>{view.data.note}</Markdown></body></html>;`;
  const set = await loadNote({ 'note/body.tsx': body }, { parent });
  return set.compiled('note', 'roast', 'en').render(viewOf({ data: { note: words } })).html;
};

/** Things no mail may have, as people hide them. */
const harmful = [
  '<script>x</script>',
  '<SCRIPT src="https://a.example/x.js"></SCRIPT>',
  '<script type="application/ld+json">{"@type":"x"}</script>',
  '<script/x>y',
  '<img src="https://a.example/x.png" onerror="x()">',
  '<p ONCLICK=x>',
  '<p title="a"onmouseover="x">',
  '<p/onload=x>',
  "<p title='a'onfocus=x autofocus>",
  '<form action="https://a.example"><input name="a"></form>',
  '<input type="text">',
  '<input>',
  '<button>x</button>',
  '<textarea>',
  '<select><option>a</select>',
  '<iframe src="https://a.example"></iframe>',
  '<iframe srcdoc="&lt;script&gt;">',
  '<object data="https://a.example/a.swf"></object>',
  '<embed src="https://a.example/a">',
  '<meta http-equiv="refresh" content="0;url=https://a.example">',
  '<META HTTP-EQUIV=Refresh content=0>',
  '<base href="https://a.example/">',
  '<link rel="stylesheet" href="https://a.example/a.css">',
  '<a href="javascript:alert(1)">x</a>',
  '<a href="JaVaScRiPt:alert(1)">x</a>',
  '<a href=" javascript:x">x</a>',
  '<a href="java\nscript:x">x</a>',
  '<a href="&#106;avascript:x">x</a>',
  '<a href="&#x6A&#x61;vascript&colon;x">x</a>',
  '<a href="java&Tab;script:x">x</a>',
  '<a href="\u0001javascript:x">x</a>',
  '<a href="vbscript:x">x</a>',
  "<a href='data:text/html,x'>x</a>",
  '<a HREF = javascript:x>x</a>',
  '<img src="data:image/png;base64,AAAA">',
  '<a href="file:///etc/passwd">x</a>',
  '<table><tr><td background="javascript:x"></table>',
  '<img srcset="https://a.example/a.png, javascript:x 2x">',
  '<svg><script>x</script></svg>',
  '<svg onload=x>',
  '<svg><a xlink:href="javascript:x"><text>x</text></a></svg>',
  '<svg><use href="data:image/svg+xml,x"/></svg>',
  '<svg><animate attributeName="href" values="javascript:x"/></svg>',
  '<svg><set attributeName="href" to="javascript:x"/></svg>',
  '<math><a xlink:href="javascript:x">x</a></math>',
  '<!--[if mso]><script>x</script><![endif]-->',
  '<!--[if mso]><a href="javascript:x">x</a><![endif]-->',
  '<p style="width:expression(alert(1))">',
  '<p style="background:url(javascript:x)">',
  '<template><script>x</script></template>',
  '<div><table><script>x</script></table></div>',
  '<noscript><p title="</noscript><img src=x onerror=x>"></noscript>',
];
const harmless = [
  '<p title="on top = of">one on=2 script: form</p>',
  '<a href="https://a.example/?javascript:x">x</a>',
  '<a href="mailto:a@b.example">x</a>',
  '<a href="tel:+491">x</a>',
  '<a href="#top">x</a>',
  '<img src="cid:chart" alt="">',
  '<a href="HTTPS://A.example">x</a>',
  "<a href='https://a.example'>x</a>",
  '<a href="/relative">x</a>',
  '<a href="">x</a>',
  '<input type="checkbox" class="mj-menu-checkbox">',
  '<p>javascript: the language; data: figures; &lt;script&gt;</p>',
  '<meta http-equiv="Content-Type" content="text/html">',
  '<meta http-equiv="X-UA-Compatible" content="IE=edge">',
  '<!-- <script> -->',
  '<svg viewBox="0 0 1 1"><path d="M0 0"/></svg>',
  '<style>a{color:red}</style>',
  '<script type="application/ld+json">{"a":1}</script>',
];

describe('R3: finished html', () => {
  it.each(harmful)('may not have %s', (html) => {
    for (const around of [
      html,
      `<html><body><div>${html}</div></body></html>`,
      `<table><tr><td>${html}`,
    ])
      expect(harmIn(around, '{"a":1}')).not.toBeNull();
  });

  it.each(harmless)('may have %s', (html) => {
    expect(harmIn(`<html><body>${html}</body></html>`, '{"a":1}')).toBeNull();
  });

  it('is found out in whatever stands around it', () => {
    const bit = fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '=',
      '/',
      ' ',
      '\n',
      'script',
      'onclick',
      'href',
      'javascript:x',
      'a',
      'p',
      'img',
      '<!--',
      '-->',
      'form',
      '&#106;',
      'on',
      'src',
      '<svg',
      '<a ',
      '<p ',
    );
    let harms = 0;
    fc.assert(
      fc.property(
        fc.array(bit, { maxLength: 14 }).map((list) => list.join('')),
        (html) => {
          // Read by a parser of another make.
          let harm = false;
          const parser = new Parser({
            onopentag: (name, attributes) => {
              const names = Object.keys(attributes);
              harm ||=
                name === 'script' || name === 'form' || names.some((one) => /^on\w/.test(one));
              harm ||= ['href', 'src'].some((one) =>
                /^javascript:/i.test(attributes[one]?.trim() ?? ''),
              );
            },
          });
          parser.end(`<body>${html}>"'>`);
          if (!harm || /<svg|<!--/.test(html)) return;
          harms += 1;
          expect(harmIn(`<body>${html}>"'>`)).not.toBeNull();
        },
      ),
      { numRuns: 5000 },
    );
    expect(harms).toBeGreaterThan(50);
  });
});

/** Whether an element has an attribute that runs something, in the tree of the html standard's parser. */
const runsSomething = (node: DefaultTreeAdapterTypes.Node): boolean =>
  ('attrs' in node && node.attrs.some(({ name }) => name.startsWith('on'))) ||
  ('childNodes' in node && node.childNodes.some(runsSomething));

describe('read without the parser', () => {
  const said = '{"name":"x onclick=x onfocus=x href=javascript:x "}';
  const script = `<script type="application/ld+json">${said}</script>`;

  it.each(harmful)('hides nothing of %s', (html) => {
    for (const around of [
      `<html><head><title>x</title><style>a{}</style>${script}</head><body><p>${html}`,
      `<body><p title="x">${html}</p>${script}</body>`,
      `<body>${script}${html}`,
    ])
      expect(harmIn(around, said)).not.toBeNull();
  });

  it('makes no difference to what is found beside it', () => {
    const bit = fc.constantFrom(
      '<p title="',
      "<p title='",
      '"',
      "'",
      '>',
      '<',
      '</p>',
      ' ',
      '/',
      '<style>',
      '</style>',
      '</style',
      '<title>',
      '</title>',
      '<!DOCTYPE html>',
      '<div>',
      '<br/>',
      '<p',
      ' onclick=x',
      ' onclick="x"',
      ' onclick="x">',
      '<p onclick="x">',
      script,
      script,
    );
    let [found, free] = [0, 0];
    fc.assert(
      fc.property(fc.array(bit, { maxLength: 9 }), (list) => {
        const html = `<body>${list.join('')}${script}"'>`;
        const harm = runsSomething(parse(html));
        if (harm) found += 1;
        else free += 1;
        expect(harm && harmIn(html, said) === null ? html : null).toBeNull();
      }),
      { numRuns: 5000 },
    );
    expect(found).toBeGreaterThan(300);
    expect(free).toBeGreaterThan(300);
  });

  it('is allowed where it stands by itself', () => {
    for (const before of ['', '<p>x</p>', '<title>a "b" > c</title>', '<style>a>b{}</style>'])
      expect(harmIn(`<html><head>${before}${script}</head><body><p>x`, said)).toBeNull();
  });
});

describe('R3: Markdown out of data', () => {
  it('says what Markdown says', async () => {
    expect(await mail('**Hi** [there](https://a.example)\n\n- a\n- b\n\n> q')).toMatch(
      /<strong[^>]*>Hi<\/strong>/,
    );
  });

  it.each([
    '<script>alert(1)</script>',
    '<form action="https://a.example"><input></form>',
    '<img src="https://a.example/a.png" onerror="x">',
    '[x](javascript:alert(1))',
    '[x](JAVASCRIPT:alert(1))',
    '![x](data:text/html,x)',
    '<div class="x">x</div>',
    '<a href="https://a.example" id="x">y</a>',
    '<iframe src="https://a.example"></iframe>',
    '[x](vbscript:x)',
  ])('is refused where it is more: %s', async (words) => {
    let why = '';
    const mailed = await mail(words).catch((error: unknown) => {
      why = String(error);
      return '';
    });
    expect(mailed).not.toMatch(
      /<(?:script|form|input|iframe)|href="(?:javascript|vbscript)|src="data:|onerror="|class="x"|id="x"/i,
    );
    expect(mailed + why).toMatch(/note\/body\.tsx: |<p/);
  });
});

it.each([
  '<button>x</button>',
  '<svg><a xlink:href="javascript:x">y</a></svg>',
  '<p style="width:expression(1)">x</p>',
  '<textarea>x</textarea>',
])('R3: an MJML or html template with %s is refused when it is loaded', async (html) => {
  for (const files of [
    { 'note/body.mjml': mjmlText(html) },
    { 'note/body.html': `<html><body>${html}</body></html>` },
  ])
    await expect(loadNote(files)).rejects.toThrow(/note\/body/);
});
