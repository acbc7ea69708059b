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
    locale: 'en',
    subject: 'Your order 1',
    preheader: 'It will be with you on Friday morning.',
    text: 'Thank you, Ana\nTotal: €12.40',
    unsubscribeUrl: null,
    blockSizes: () => [{ block: 'offers', bytes: 20 * 1024 }],
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
  [
    /^error unsubscribe: has no link to unsubscribe$/,
    { template: { name: 'x', class: 'commercial' } },
  ],
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
