import { describe, expect, it } from 'vitest';

import { openClientSupport } from './client-support.ts';
import type { CheckedMail } from './finding.ts';
import { mailChecks } from './index.ts';
import { mailElements } from './mail-elements.ts';

const wellMade = `<html lang="en"><head><title>Order 1</title>
<meta name="color-scheme" content="light dark">
<style>@media (prefers-color-scheme: dark) { .text { color: #fff } }</style></head>
<body><div style="display:none">It will be with you on Friday morning.</div>
<h1>Thank you, Ana</h1><table role="presentation"><tr><td>Total €12.40</td></tr></table>
<a href="https://roast.example/orders/1">See order 1</a>
<img src="https://roast.example/cup.png" alt="A cup" width="80"></body></html>`;

function look(changes: Partial<Omit<CheckedMail, 'elements'>> = {}) {
  const html = changes.html ?? wellMade;
  const mail: CheckedMail = {
    template: { name: 'note', class: 'transactional' },
    brand: { id: 'roast', audience: ['gmail', 'outlook'] },
    legal: { company: 'Roast & Co GmbH', address: 'Hafen 1, 20457 Hamburg' },
    locale: 'en',
    subject: 'Your order 1',
    preheader: 'It will be with you on Friday morning.',
    text: 'Thank you, Ana\nTotal: €12.40',
    headers: [],
    sells: false,
    unsubscribeUrl: null,
    blockSizes: () => [{ block: 'offers', bytes: 20 * 1024 }],
    promoted: () => [],
    promises: [],
    ...changes,
    html,
    elements: mailElements(html),
  };
  return mailChecks
    .flatMap(({ name, look: of }) => of(mail).map((found) => ({ check: name, ...found })))
    .filter(({ severity }) => severity !== 'fine')
    .map(({ check, severity, message }) => `${severity} ${check}: ${message}`);
}

const body = (inside: string) => wellMade.replace('</body>', `${inside}</body>`);

it('finds nothing to say of a mail that is well made', () => {
  expect(look()).toEqual([]);
});

it.each([
  [/^error subject: has no subject$/, { subject: ' ' }],
  [/^error subject: the subject says “Your \{\{order\}\}”$/, { subject: 'Your {{order}}' }],
  [/^warning subject: the subject has 91 char/, { subject: `A${'n order of mine'.repeat(6)}` }],
  [/^warning preheader: has no preheader/, { preheader: '' }],
  [/repeats the subject/, { preheader: 'Your order 1', html: body('Your order 1') }],
  [/^warning preheader: .* isn’t in the html/, { preheader: 'Something the html does not say' }],
  [/^error left-behind: says undefined/, { html: body('<p>Hello undefined</p>') }],
  [/^error links: link “Go” leads nowhere$/, { html: body('<a href="">Go</a>') }],
  [/^error links: .* no mail client opens/, { html: body('<a href="javascript:x">Go on</a>') }],
  [/^error links: .* a placeholder/, { html: body('<a href="https://example.com/x">Go on</a>') }],
  [/^warning links: .* not encrypted/, { html: body('<a href="http://roast.example">Go on</a>') }],
  [
    /doesn’t say where it leads/,
    { html: body('<a href="https://roast.example/x">click here</a>') },
  ],
  [/^error images: .* no alt/, { html: body('<img src="https://roast.example/a.png" width="1">') }],
  [
    /not loaded over https/,
    { html: body('<img src="http://roast.example/a.png" alt="" width="1">') },
  ],
  [/don’t show/, { html: body('<img src="data:image/png;base64,AA" alt="" width="1">') }],
  [
    /^warning images: .* no width/,
    { html: body('<img src="https://roast.example/a.png" alt="">') },
  ],
  [/^error unsubscribe: has no link to unsubscribe$/, { sells: true }],
  [/^warning size: .* KB of html \(offers 20.0 KB\)/, { html: body(' '.repeat(95_000)) }],
  [/^error size: .* Gmail cuts it at 102 KB/, { html: body(' '.repeat(110_000)) }],
  [/^error text-part: has no text part$/, { text: '' }],
  [/^warning text-part: the text part lacks figures the html has: €12\.40$/, { text: 'Thank you' }],
  [/^error accessibility: the html says it is in "en", it is in "de"$/, { locale: 'de' }],
  [/^warning accessibility: its first heading is <h3>/, { html: wellMade.replace('h1>', 'h3>') }],
  [/1 tables without a role/, { html: wellMade.replace(' role="presentation"', '') }],
  [/^warning dark-mode: has no styles/, { html: wellMade.replace(/<style[\s\S]*<\/style>/, '') }],
] satisfies [RegExp, Partial<CheckedMail>][])('says %s', (expected, changes) => {
  expect(look(changes).filter((one) => expected.test(one))).toHaveLength(1);
});

const wayOut = 'https://mail.roast.example/u/1';
const imprint = 'Roast &amp; Co GmbH, Hafen 1,<br> 20457 Hamburg';
const footer = `<div><p>Questions? Answer this mail.</p><p><a href="${wayOut}">No more offers</a></p><p>${imprint}</p></div>`;
const textFooter = `\nQuestions? Answer this mail.\nNo more offers: ${wayOut}\nRoast & Co GmbH\nHafen 1, 20457 Hamburg`;
const selling = (changes: Partial<CheckedMail> = {}): Partial<CheckedMail> => ({
  template: { name: 'x', class: 'commercial' },
  sells: true,
  html: body(footer),
  text: `Thank you, Ana\nTotal: €12.40${textFooter}`,
  unsubscribeUrl: wayOut,
  headers: [
    ['List-Unsubscribe', `<${wayOut}>`],
    ['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click'],
  ],
  ...changes,
});

describe('a mail that sells', () => {
  it('is well with its sender, a way out that is seen, and one click', () => {
    expect(look(selling())).toEqual([]);
  });

  it.each([
    [
      /^error sender: the html doesn’t say the sender’s address \(Hafen 1/,
      { html: body(footer.replace('Hafen', 'Kai')) },
    ],
    [
      /^error sender: the html doesn’t say the sender’s company/,
      { html: body(footer.replace(imprint, `<span style="display:none">${imprint}</span>`)) },
    ],
    [
      /^error sender: the text part doesn’t say the sender’s company/,
      { text: `€12.40 ${wayOut} Hafen 1, 20457 Hamburg` },
    ],
    [
      /^error sender: the html doesn’t say the sender’s company$/,
      { legal: { company: ' ', address: 'Hafen 1' } },
    ],
    [
      /^error unsubscribe: has no link to unsubscribe$/,
      { html: body(footer.replace('<a ', '<a style="display: none" ')) },
    ],
    [
      /^error unsubscribe: has no link to unsubscribe$/,
      { html: body(footer.replace('No more offers', '')) },
    ],
    [
      /^error unsubscribe: .* in its text part$/,
      { text: 'Total: €12.40, Roast & Co GmbH, Hafen 1, 20457 Hamburg' },
    ],
    [/^error one-click: has no List-Unsubscribe header/, { headers: [] }],
    [
      /^error one-click: has no List-Unsubscribe header/,
      { headers: [['List-Unsubscribe', '<mailto:a@roast.example>']] },
    ],
    [
      /^error one-click: has no List-Unsubscribe header/,
      { headers: [['List-Unsubscribe', '<http://roast.example/u>']] },
    ],
    [
      /^error one-click: has no header List-Unsubscribe-Post/,
      { headers: [['List-Unsubscribe', `<${wayOut}>`]] },
    ],
  ] satisfies [RegExp, Partial<CheckedMail>][])('says %s', (expected, changes) => {
    expect(look(selling(changes)).filter((one) => expected.test(one))).toHaveLength(1);
  });

  it('needs no one click where it only has an offer in it, and says nothing of a mail without', () => {
    const mixed = selling({
      template: { name: 'x', class: 'transactional' },
      headers: [['List-Unsubscribe', `<${wayOut}>`]],
    });
    expect(look(mixed)).toEqual([]);
    expect(look({ legal: { company: '', address: '' } })).toEqual([]);
  });
});

describe('a mail that mixes', () => {
  const parts: Record<string, string> = {
    offers: '<h2>For you</h2><p>Cold brew, second one free</p>',
    deals: '<h2>Soon yours</h2><p>Tasting evening</p>',
    status: '<h2>Gold</h2><p>You have 120 stars.</p>',
  };
  const made = (order: readonly string[]) => ({
    html: body(order.map((one) => parts[one]).join('') + footer),
    text: `Thank you, Ana\nTotal: €12.40\n${order.map((one) => parts[one]?.replace(/<[^>]+>/g, '\n')).join('\n')}${textFooter}`,
  });
  const mixed = (order: readonly string[], changes: Partial<CheckedMail> = {}) =>
    look(
      selling({
        template: { name: 'x', class: 'transactional' },
        ...made(order),
        promoted: () =>
          order
            .filter((one) => one !== 'status')
            .map((block) => ({ block, without: made(order.filter((one) => one !== block)) })),
        ...changes,
      }),
    );

  it.each([['status', 'offers'], ['status', 'deals', 'offers'], ['offers']])(
    'has promotion last: %s %s %s',
    (...order) => {
      expect(mixed(order.filter((one) => one !== undefined))).toEqual([]);
    },
  );

  it.each([
    ['offers', 'status'],
    ['deals', 'status', 'offers'],
    ['offers', 'deals', 'status'],
  ])('is told of promotion that comes first, in both parts: %s %s %s', (...order) => {
    const found = mixed(order.filter((one) => one !== undefined));
    expect(found).toContainEqual(
      expect.stringMatching(/^error service-first: the html says “Gold” after (offers|deals)/),
    );
    expect(found).toContainEqual(
      expect.stringMatching(/^error service-first: the text part says “Gold” after/),
    );
  });

  const flat = (order: readonly string[]) =>
    body(
      `${order.map((one) => parts[one]).join('')}<p><a href="${wayOut}">No more offers</a></p><p>${imprint}</p>`,
    );
  const plain = (order: readonly string[]) =>
    made(order).text.replace('Questions? Answer this mail.', '');

  const said = (order: readonly string[]) => {
    const without = order.filter((one) => one !== 'offers');
    return mixed(order, {
      html: flat(order),
      text: plain(order),
      promoted: () => [{ block: 'offers', without: { html: flat(without), text: plain(without) } }],
    });
  };

  it('is told of it in html as flat as by hand, too', () => {
    expect(said(['status', 'offers'])).toEqual([]);
    expect(said(['offers', 'status'])).toContainEqual(
      expect.stringMatching(/^error service-first: the html says “Gold” after offers/),
    );
  });

  it('is free to begin with what it sells where it is commercial', () => {
    expect(mixed(['offers', 'status'], { template: { name: 'x', class: 'commercial' } })).toEqual(
      [],
    );
  });

  it.each([
    ['Your order 1: Cold brew, second one free', 'Cold brew second one free'],
    ['Your order 1 – and COLD BREW', 'Cold brew'],
    ['Your order 1, with 20% off', '20%'],
    ['طلبك و٢٠٪ خصم', ''],
    ['Siparişin ve %20', ''],
    ['Deine Bestellung und 20 %', ''],
  ])('says nothing of its offers in the mail list: %s', (line, promise) => {
    const found = [
      ...mixed(['status', 'offers'], { subject: line, promises: [promise] }),
      ...mixed(['status', 'offers'], {
        preheader: line,
        promises: [promise],
        html: `${made(['status', 'offers']).html}<p>${line}</p>`,
      }),
    ];
    expect(found).toContainEqual(expect.stringMatching(/^error subject: .* promotes/));
    expect(found).toContainEqual(expect.stringMatching(/^error preheader: .* promotes/));
    const commercial = { template: { name: 'x', class: 'commercial' }, subject: line } as const;
    expect(mixed(['offers'], commercial)).toEqual([]);
  });

  it('may name what was bought', () => {
    expect(
      mixed(['offers'], {
        subject: 'Cold brew is on its way',
        promises: ['Old brew', 'brew is'.slice(0, 3)],
      }),
    ).toEqual([]);
  });
});

describe('client support', () => {
  it('warns of what falls apart, and only mentions what is decoration', async () => {
    const support = await openClientSupport();
    const html = body('<div style="display: flex; border-radius: 4px"><video></video></div>');
    const found = support?.found({
      html,
      elements: mailElements(html),
      brand: { audience: ['outlook'] },
    });
    expect(found?.map(({ severity, message }) => `${severity} ${message}`)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^warning display:flex is not supported by .*outlook.windows/),
        expect.stringMatching(/^warning <video>/),
        expect.stringMatching(/^fine .*border-radius/),
      ]),
    );
  });
});

it('passes over the small pictures of a carousel, which lead to the large ones', () => {
  const small = '<a href="#1" class="mj-carousel-thumbnail mj-carousel-x-thumbnail">One</a>';
  expect(look({ html: body(small) }).filter((one) => one.includes('placeholder'))).toEqual([]);
});

it('says nothing of a property caniemail has no data on, and goes on with the others', async () => {
  const support = await openClientSupport();
  const html = '<html><body><p style="word-wrap:break-word;display:flex">x</p></body></html>';
  const found =
    support?.found({
      html,
      elements: mailElements(html),
      brand: { audience: ['gmail', 'outlook'] },
    }) ?? [];
  expect(found.map(({ message }) => message).join('\n')).toMatch(/display:flex|flex/);
});

const styled = (css: string) => wellMade.replace('<style>', `<style>${css}</style><style>`);
const filler = Array.from({ length: 900 }, (_, at) => `.c${at}{margin:0 0 0 0;color:#000}`).join(
  '',
);

it.each([
  ['26 KB of CSS', styled(filler), /^error style-sheets: has 2\d\.\d KB of style sheets: Gmail/],
  [
    'an at-rule within an at-rule',
    styled('@media screen{@media (max-width:480px){a{color:red}}}'),
    /^error style-sheets: @media \(max-width:480px\) stands within @media screen/,
  ],
  [
    '@supports within @media',
    styled('@media screen { p{} @supports (display:grid) {a{color:red}} }'),
    /@supports \(display:grid\) stands within @media screen/,
  ],
  [
    'an at-rule within a rule',
    styled('.a{@media (width<40rem){color:red}}'),
    /^warning style-sheets: @media \(width<40rem\) stands within the rule \.a/,
  ],
  [
    'a comment without end',
    styled('a{color:red} /* a b{color:red}'),
    /^error style-sheets: a comment in a style sheet is never closed/,
  ],
  [
    'a comment without beginning',
    styled('a{color:red} x */ b{color:red}'),
    /^error style-sheets: a comment in a style sheet ends that never began/,
  ],
  [
    'a rule without end',
    styled('@media screen{a{color:red}'),
    /^error style-sheets: @media screen \{ is never closed/,
  ],
  [
    'a } too many',
    styled('a{color:red}} b{color:red}'),
    /^error style-sheets: a \} in a style sheet closes nothing/,
  ],
  [
    'two href',
    body('<a href="https://roast.example/a" href="https://roast.example/b">Go on</a>'),
    /^error html-source: href is written twice in <a href/,
  ],
  [
    'two style',
    body('<p class="a" style="color:red" STYLE="margin:0">x</p>'),
    /^error html-source: style is written twice/i,
  ],
  [
    'a share link',
    body(
      '<a href="https://social.example/share?u=https://roast.example/?a=1&amp;b=2">Share it</a>',
    ),
    /^warning html-source: the address https:\/\/roast\.example\/\?a=1&b=2 stands unencoded/,
  ],
  [
    'half a condition for Outlook',
    body('<!--[if mso]><table><![endif]--><p>x</p><![endif]-->'),
    /^error html-source: a <!\[endif\] closes no condition/,
  ],
  [
    'the other half',
    body('<p>x</p><!--[if mso]><p>y</p>'),
    /^error html-source: <!--\[if mso\] is never closed/,
  ],
  [
    'one within another',
    body('<!--[if mso]><!--[if gte mso 9]>x<![endif]-->'),
    /begins within <!--\[if mso\]/,
  ],
  [
    'a declaration without a colon',
    styled('a{color red;margin:0}'),
    /^error style-sheets: “color red” says nothing: it has no colon/,
  ],
  [
    'one at the end of its rule',
    styled('a{margin:0;color red}'),
    /^error style-sheets: “color red” says nothing/,
  ],
  [
    'a text without end',
    styled('a::before{content:"x}\nb{color:red}'),
    /^error style-sheets: a text in a style sheet is never closed/,
  ],
  [
    'a value nobody gives',
    styled('@media print{.a{color:var(--ink)!important;margin:var(--gap, 2px)}}'),
    /^error style-sheets: var\(--ink\) stands for nothing/,
  ],
  [
    'a quotation mark within an attribute',
    body('<p style="font-family:"Arial", serif">x</p>'),
    /^error html-source: a quotation mark or = stands where an attribute’s name should, in <p style="font-family:"Arial", serif">/,
  ],
  [
    'an attribute without its end',
    body('<a href="https://roast.example/x>Go on</a><p class="b">x</p>'),
    /^error html-source: a quotation mark or = stands where/,
  ],
  [
    'half a quotation',
    body('<p title=a"b>x</p>'),
    /^error html-source: a quotation mark stands in an attribute that none began, in <p title=a"b>/,
  ],
  [
    'a comment of the html without end',
    body('<p>x</p><!-- the rest'),
    /^error html-source: a comment is never closed: all after it is gone/,
  ],
  [
    'a comment in a comment',
    body('<!-- a <!-- b --> c -->'),
    /^error html-source: a comment begins within a comment/,
  ],
])('R16: %s is told, and what mail programs make of it', (_, html, told) => {
  expect(look({ html }).join('\n')).toMatch(
    new RegExp(told.source, `${told.flags.replace('m', '')}m`),
  );
});

it('R16: says nothing of comments, texts and media queries as they should be', () => {
  const css =
    '@import url("https://roast.example/a.css?b;c"); /* { } */ a::after{content:"} /* \\" {"} @media (max-width:480px){a:hover{color:red;}} @media print{b{color:#000}} :root{--ink:#000} i{color:var(--ink);margin:var(--gap,2px)}';
  const html = styled(css).replace(
    '<h1>',
    '<!--[if mso]><p>x</p><![endif]--><!--[if !mso]><!--><p>y</p><!-- <![endif]--><a href="https://social.example/share?u=https%3A%2F%2Froast.example%2F%3Fa%3D1%26b%3D2&amp;t=x">Share it now</a><h1>',
  );
  expect(look({ html })).toEqual([]);
});

it('R19: tells what a mail list shows behind a preheader that isn’t filled up', () => {
  const short = wellMade.replace('It will be with you on Friday morning.', 'Soon');
  expect(look({ html: short, preheader: 'Soon' })).toEqual([
    expect.stringMatching(
      /^warning preheader: mail lists go on after the preheader with “Thank you, Ana Total/,
    ),
  ]);
  const filled = short.replace('Soon', `Soon${'&#8199;&#847;'.repeat(120)}`);
  expect(look({ html: filled, preheader: 'Soon' })).toEqual([]);
});
