import { join } from 'node:path';

import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import PostalMime from 'postal-mime';
import { expect, it, onTestFinished } from 'vitest';

import { codesIn } from '../src/core/codes-in.ts';
import { personaLedger } from '../test/personas.ts';
import { renderAnswer } from './answer.ts';
import { RenderRequest } from './protocol.ts';
import { testMail } from './test-mail.ts';
import { openWorkshop } from './workshop.ts';

/** Every address an element leads or posts to, and every text that is data for machines. */
function leadsOf(html: string): string[] {
  const found: string[] = [];
  const walk = (node: DefaultTreeAdapterTypes.ChildNode) => {
    if ('attrs' in node)
      for (const { name, value } of node.attrs)
        if (name === 'href' || name === 'action') found.push(value);
    if ('tagName' in node && node.tagName === 'script') found.push('script');
    if ('childNodes' in node) for (const child of node.childNodes) walk(child);
  };
  for (const node of parse(html).childNodes) walk(node);
  return found;
}

it('a test mail says so, leads nowhere, and gives no code away', async () => {
  const ledger = personaLedger();
  onTestFinished(() => ledger.close());
  const workshop = await openWorkshop(join(import.meta.dirname, '..'), ledger);
  let links = 0;
  let codes = 0;
  for (const [brand, template] of [
    ['juniper', 'order-confirmation'],
    ['juniper', 'bonus-reminder'],
    ['juniper', 'ready-for-pickup'],
    ['kestrel', 'redemption-receipt'],
    ['marlowe', 'year-in-review'],
  ] as const) {
    const request = RenderRequest.parse({ brand, template });
    const { answer, made } = await renderAnswer(workshop, request);
    const { email, rendered } = made;
    if (!email || !rendered) throw new Error(`${template} gives no mail`);
    const to = 'ana@example.com';
    const sent = testMail({
      email,
      codes: codesIn(rendered.view),
      to,
      what: `${answer.persona} · ${answer.locale}`,
    });
    const read = await PostalMime.parse(sent.mime);
    expect(read.subject).toBe(`[TEST ${answer.persona} · ${answer.locale}] ${email.subject}`);
    expect(read.to).toMatchObject([{ address: to }]);
    expect(sent.envelope.to).toBe(to);
    expect(read.headers.map(({ key }) => key)).not.toContain('list-unsubscribe');
    expect(read.messageId).not.toContain('00000000-0000');
    const leads = leadsOf(read.html ?? '');
    links += leads.length;
    expect(leads.filter((lead) => !lead.startsWith('https://link-at-rest.invalid/'))).toEqual([]);
    expect(read.text).not.toMatch(/https?:\/\/(?!link-at-rest\.invalid)/);
    const found = [...JSON.stringify(rendered.view).matchAll(/"code":"([^"]{4,})"/g)];
    codes += found.length;
    const whole = `${read.html} ${read.text}`;
    expect(found.filter(([, code = '']) => whole.includes(code))).toEqual([]);
  }
  expect(links).toBeGreaterThan(15);
  expect(codes).toBeGreaterThan(1);
}, 120_000);
