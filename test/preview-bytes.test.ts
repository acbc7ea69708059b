import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';

import { renderPreview } from '../previews/render.ts';
import { PermanentError } from '../src/core/errors.ts';
import { type LinkKind, memberLink } from '../src/http/member-link.ts';
import { loadCatalogue } from '../src/ledger/catalogue/catalogue.ts';
import { readProfiles } from '../src/profile/ledger.ts';
import { openWorld, type World } from './world.ts';

let world: World;
const publicUrl = 'https://mail.example';
beforeAll(async () => {
  world = await openWorld('postgres', { env: { PUBLIC_URL: publicUrl } });
});
afterAll(() => world.close());

const linkOf = (kind: LinkKind, brand: string) => (address: string, of: object) =>
  memberLink(publicUrl, world.env['LAUREL_SECRET'] ?? '', kind, {
    tenant: 'main',
    brand,
    address,
    ...of,
  });

const Data = z.record(z.string(), z.unknown());

it.each([
  ['juniper', 'hanna-vogel', 'order-confirmation'],
  ['juniper', 'lena-krause', 'order-confirmation'],
  ['juniper', 'ida-novak', 'order-confirmation'],
  ['juniper', 'hanna-vogel', 'bonus-reminder'],
  ['kestrel', 'ana-keller', 'flight-booking'],
  ['kestrel', 'elin-strand', 'flight-booking'],
  ['juniper', 'noah-reyes', 'year-in-review'],
])(
  'what a preview shows is byte for byte what left: %s, %s, %s',
  async (brandId, memberId, template) => {
    const data = Data.parse(
      JSON.parse(readFileSync(`fixtures/${brandId}/samples/${template}.json`, 'utf8')),
    );
    const { record } = await world.send({ template, brand: brandId, to: { memberId }, data });
    const sent = world.sink.mails.find(({ messageId }) => messageId.startsWith(record.id));
    const { pool, brands, compiled } = world.app;
    const loaded = brands.get(brandId);
    if (!loaded || !compiled || !record.decision) throw new Error('not decided');

    // The same instant, profile and catalogue; a preview knows nothing else.
    const { at, profileAsOf } = record.decision.basis;
    const readAt = new Date(profileAsOf ?? at);
    const tenant = 'main';
    const [reading] = await readProfiles(pool, readAt, (id) => brands.get(id)?.brand, [
      { tenant, memberId },
    ]);
    if (!reading || reading instanceof PermanentError || reading.kind !== 'member')
      throw new Error('no member');
    const { mime, decision } = renderPreview({
      message: {
        id: record.id,
        tenant,
        template,
        brand: brandId,
        to: { memberId },
        data,
        about: record.about,
        acceptedAt: record.acceptedAt,
      },
      reading,
      context: {
        now: new Date(at),
        brand: loaded.brand,
        catalogue: await loadCatalogue(pool, tenant, brandId),
        templateFor: (locale) => compiled.compiled(template, brandId, locale),
        address: reading.profile.email ?? '',
        unsubscribeUrl: linkOf('unsubscribe', brandId),
        preferencesUrl: linkOf('preferences', brandId),
      },
    });
    expect(decision).toEqual(record.decision);
    expect(mime?.toString()).toBe(sent?.raw.toString());
  },
);
