import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { composeMime } from '../src/render/mime/mime.ts';
import { readStats } from '../src/stats/read.ts';
import { templates } from '../templates/index.ts';
import { openLibrary } from './library.ts';
import { enrolReminded, reminder } from './reminded.ts';
import { hasSample, sampleMail } from './sample-mail.ts';
import { sampleBrands } from './samples/world.ts';
import { withBrand } from './sending-brand.ts';
import { openWorld, type World } from './world.ts';

type Node = DefaultTreeAdapterTypes.Node;

/** The addresses of a mail's links and areas, as a mail program finds them. */
function hrefsIn(html: string): string[] {
  const found: string[] = [];
  const visit = (node: Node) => {
    if ('tagName' in node && ['a', 'area'].includes(node.tagName))
      found.push(...node.attrs.flatMap(({ name, value }) => (name === 'href' ? [value] : [])));
    if ('childNodes' in node) node.childNodes.forEach(visit);
  };
  visit(parse(html));
  return found;
}

const publicUrl = 'https://mail.example';
const counting = `${publicUrl}/c/`;
const browser = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
};

describe('a brand that asks for it', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld('postgres', {
      now: () => new Date(),
      env: { ROLES: 'api,worker', PORT: '0', PUBLIC_URL: publicUrl },
      templates: withBrand(openLibrary, 'kestrel', { clicks: true }),
    });
  });
  afterAll(() => world.close());

  const follow = async (href: string) =>
    world.app.http!.inject({ url: href.replace(publicUrl, ''), headers: browser });

  it('is told who follows a link of its commercial mails, and each leads where it says', async () => {
    const member = await enrolReminded(world, {});
    const { record, mail } = await world.send(reminder(member, world.now()));
    const hrefs = hrefsIn(mail?.html ?? '');
    const led = hrefs.filter((href) => href.startsWith(counting));
    expect(led.length).toBeGreaterThan(0);
    const targets = await Promise.all(
      led.map(async (href) => (await follow(href)).headers.location),
    );
    for (const target of targets) expect(target).toMatch(/^https:\/\/www\.kestrel\.example\//);
    // People read where it leads.
    expect(targets.filter((target) => mail?.text?.includes(target ?? '?')).length).toBeGreaterThan(
      0,
    );
    expect(mail?.text).not.toContain(counting);

    // What is the member's own, and what is no page, is left alone.
    const oneClick = mail?.headers.find(({ key }) => key === 'list-unsubscribe')?.value ?? '';
    expect(oneClick).toMatch(/^<https:\/\/mail\.example\/u\//);
    expect(hrefs).toContain(oneClick.slice(1, -1));
    expect(hrefs.filter((href) => href.startsWith(`${publicUrl}/p/`))).toHaveLength(1);
    for (const href of hrefs)
      expect(href).toMatch(/^(?:https:\/\/mail\.example\/[cup]\/|mailto:|tel:|#)/);

    await vi.waitFor(async () => {
      const { lines } = await readStats(world.app.pool, 'main', { by: 'template' });
      const figures = lines.find(({ name }) => name === record.template)?.figures;
      expect(figures?.clicked).toMatchObject({ count: 1, of: 'sent' });
    }, 10_000);
  });

  it('is told nothing of mails that aren’t commercial', async () => {
    const member = await enrolReminded(world, {});
    const { mail } = await world.send({
      template: 'welcome',
      brand: 'kestrel',
      to: { memberId: member },
      data: {},
    });
    expect(hrefsIn(mail?.html ?? '').length).toBeGreaterThan(0);
    expect(mail?.html).not.toContain(counting);
  });
});

it('every commercial mail of the library leads through it wherever it led to a page, and is the same but for that', async () => {
  const { templates: set, brands } = await openLibrary();
  let [mails, links] = [0, 0];
  for (const { name: template, class: kind } of templates.filter(hasSample))
    for (const brand of sampleBrands) {
      if (!set.namesFor(brand).includes(template)) continue;
      for (const locale of ['en', 'ar']) {
        const wanted = { template, brand, locale };
        const targets = new Map<string, string>();
        const plain = sampleMail({ set, brands }, wanted).email;
        const { email } = sampleMail(
          { set, brands },
          {
            ...wanted,
            clickUrl: ({ target }) => {
              const href = `${counting}${targets.size}`;
              targets.set(href, target);
              return href;
            },
          },
        );
        if (!plain || !email) continue;
        const unasked = sampleMail(
          { set, brands },
          { ...wanted, clickUrl: () => `${counting}x`, clicks: false },
        );
        expect(unasked.email?.html).toBe(plain.html);
        mails += 1;
        const { preEncoded } = email;
        expect(email.text).toBe(plain.text);
        expect(email.headers).toEqual(plain.headers);
        // With every counted address put back, it is the plain one.
        let back = email.html;
        for (const [href, target] of targets)
          back = back.replaceAll(`"${href}"`, `"${target.replaceAll('&', '&amp;')}"`);
        expect(back.replaceAll(/href="(https?:[^"]+)"/g, same)).toBe(
          plain.html.replaceAll(/href="(https?:[^"]+)"/g, same),
        );
        const hrefs = hrefsIn(plain.html);
        const pages = hrefs.filter(
          (href) =>
            /^https?:/.test(href) && !/^https:\/\/mail\.[a-z]+\.example\/[up]\/abc$/.test(href),
        );
        const led = hrefsIn(email.html).filter((href) => href.startsWith(counting));
        const wantedLinks = kind === 'commercial' ? pages.length : 0;
        expect([template, brand, led.length]).toEqual([template, brand, wantedLinks]);
        links += led.length;
        // What leaves says what the html says.
        const read = await PostalMime.parse(
          composeMime(email, '018f5b7e-0000-7000-8000-000000000001'),
        );
        expect(read.html?.replaceAll('\r\n', '\n').trimEnd()).toBe(
          email.html.replaceAll('\r\n', '\n').trimEnd(),
        );
        // Most of it is still encoded only once, as of the plain one.
        const written = preEncoded?.written.length ?? 0;
        expect(preEncoded === undefined).toBe(plain.preEncoded === undefined);
        expect(written).toBeLessThan(email.html.length / 2);
      }
    }
  expect(mails).toBeGreaterThan(60);
  expect(links).toBeGreaterThan(40);
});

/** Addresses in one spelling, whatever stands for what. */
function same(_all: string, href: string): string {
  return `href="${new URL(href.replaceAll('&amp;', '&').replaceAll('&#39;', "'")).href}"`;
}
