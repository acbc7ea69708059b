import { afterAll, expect, it } from 'vitest';

import { containRendering, openTemplates } from '../src/app/templates.ts';
import { loadBundle } from '../src/app/versions.ts';
import type { Rendered, View } from '../src/contract/template.ts';
import { bundleOf, readBundle } from '../src/render/version/bundle.ts';
import type { LoadedVersion } from '../src/render/version/load-version.ts';
import { hasSample, sampleMail } from './sample-mail.ts';
import { sampleBrands } from './samples/world.ts';

const deployment = await openTemplates();
const { brands, templates } = deployment;
const limits = { threads: 1, deadlineMs: 30_000, memoryMb: 256 };
const bareThread = new URL('bare-thread.ts', import.meta.url);
const goOn = new AbortController().signal;
const rendering = containRendering(limits, bareThread);
afterAll(() => rendering.close());

const bytesOf = ({ subject, preheader, html, text, attachments = [] }: Rendered) => ({
  subject,
  preheader,
  html,
  text,
  attachments: attachments.map(({ content }) => Buffer.from(content).toString('base64')),
});

it.each(templates.names.filter((name) => hasSample({ name })))(
  'a version of %s renders what the folder it came from does, byte for byte, in every language',
  async (template) => {
    const bundle = await readBundle(templates, template);
    const mails: { version: ReturnType<LoadedVersion>; view: View; here: Rendered }[] = [];
    for (const brand of sampleBrands.filter((id) => templates.namesFor(id).includes(template))) {
      const version = await loadBundle(bundle, brand, deployment);
      for (const locale of brands.get(brand)?.brand.locales ?? []) {
        // Where the view is the same for both, and the version's brand is its own.
        const seen = (view: View) => {
          const here = templates.compiled(template, brand, locale).render(view);
          mails.push({ version: version(locale), view, here });
          return here;
        };
        const set = { compiled: () => ({ ...version(locale), render: seen }) };
        for (const recipient of ['member', 'guest'] as const)
          sampleMail({ set, brands }, { template, brand, locale, recipient });
      }
    }
    expect(mails.length).toBeGreaterThan(0);
    for (const { version, view, here } of mails)
      expect(bytesOf(version.render(view))).toEqual(bytesOf(here));
    // React's are rendered in threads, which load the version for themselves.
    for (const { version, view, here } of mails.filter(
      ({ version: one }) => one.engine === 'react',
    ))
      expect(bytesOf(await rendering.render(version, view, goOn))).toEqual(bytesOf(here));
  },
  120_000,
);

it('a version looks as it did, and its figures are those of the programme in force', async () => {
  const bundle = await readBundle(templates, 'welcome');
  const compiled = await loadBundle(bundle, 'juniper', deployment);
  const juniper = brands.get('juniper');
  if (!juniper) throw new Error('no brand');
  const { programme, colours } = juniper.brand;
  const burn = { ...programme.burn, minimum: 7_654 };
  const changed = {
    ...juniper,
    brand: {
      ...juniper.brand,
      colours: { ...colours, light: { ...colours.light, accent: '#abcdef' } },
      programme: { ...programme, burn },
      programmes: [{ ...programme, burn }],
    },
  };
  const { email } = sampleMail(
    {
      set: { compiled: (_, __, locale) => compiled(locale) },
      brands: new Map([['juniper', changed]]),
    },
    { template: 'welcome', brand: 'juniper', locale: 'en' },
  );
  expect(email?.html).toContain('7,654');
  expect(email?.html).toContain(colours.light.accent);
  expect(email?.html).not.toContain('#abcdef');
});

/** A mail of a React template, as its folder renders it, and versions of it with these words before its subject. */
async function versionsOf(template: string, words: readonly string[]) {
  const made: View[] = [];
  const compiled = templates.compiled(template, 'juniper', 'en');
  const seen = { ...compiled, render: (view: View) => (made.push(view), compiled.render(view)) };
  sampleMail(
    { set: { compiled: () => seen }, brands },
    { template, brand: 'juniper', locale: 'en' },
  );
  const [view] = made;
  if (!view) throw new Error('no mail');
  const bundle = await readBundle(templates, template);
  const file = `${template}/locales/en.json`;
  const versions = await Promise.all(
    words.map(async (word) => {
      const text = bundle.files.get(file)?.toString().replace('"subject": "', `$&${word} `) ?? '';
      const version = bundleOf(
        template,
        new Map([...bundle.files, [file, Buffer.from(text)]]),
        bundle.code,
      );
      const load = await loadBundle(version, 'juniper', deployment);
      return load('en');
    }),
  );
  return { view, versions };
}

it('a thread that has its share of versions forgets one for another, and no mail is lost over it', async () => {
  const { view, versions } = await versionsOf('early-access', ['one', 'two']);
  const own = containRendering({ ...limits, versions: 1 }, bareThread);
  const mails = await Promise.all(
    [...versions, ...versions.slice(0, 1)].map((compiled) => own.render(compiled, view, goOn)),
  );
  await own.close();
  expect(mails.map(({ subject }) => subject.split(' ')[0])).toEqual(['one', 'two', 'one']);
}, 120_000);

it('a version that a thread cannot load waits, and holds up no other', async () => {
  const { view, versions } = await versionsOf('early-access', ['four', 'five']);
  const [whole, other] = versions;
  if (!whole?.published || !other) throw new Error('no versions');
  const files = new Map([...whole.published.files].filter(([file]) => !file.includes('/locales/')));
  const lost = { ...whole, version: 'f'.repeat(64), published: { ...whole.published, files } };
  const [refused, sent] = await Promise.allSettled([
    rendering.render(lost, view, goOn),
    rendering.render(other, view, goOn),
  ]);
  expect(refused).toMatchObject({
    status: 'rejected',
    reason: { name: 'TemporaryError', code: 'version-unloadable' },
  });
  expect(sent).toMatchObject({ value: { subject: expect.stringMatching(/^five /) } });
  expect((await rendering.render(whole, view, goOn)).subject).toMatch(/^four /);
}, 120_000);
