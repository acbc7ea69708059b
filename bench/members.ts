import { join } from 'node:path';

import type { FixtureBrand } from '../fixtures/persona.ts';
import type { Profile } from '../src/contract/profile.ts';
import { playedAt, readFixtures } from '../src/personas/fixtures.ts';
import { openOwnLedger } from '../src/personas/own-ledger.ts';
import { loadBrands } from '../src/render/voice/brand-files.ts';

const root = join(import.meta.dirname, '..');

/** A fixture brand's active members as the ledger has them when the stories play, by id; the erased and the disputed are left out. */
export async function activeMembers(brandId: FixtureBrand): Promise<Profile[]> {
  const brand = (await loadBrands(join(root, 'templates'))).get(brandId)?.brand;
  if (!brand) throw new Error(`there is no brand ${brandId}`);
  const fixtures = await readFixtures(join(root, 'fixtures'), brandId, []);
  const at = playedAt(fixtures, new Date());
  const ledger = openOwnLedger(join(root, '.laurel'), console.warn);
  try {
    const readings = await Promise.all(
      fixtures.personas.map((persona) => ledger.readingAt({ brand, fixtures, persona, at })),
    );
    return readings
      .flatMap((reading) => (reading.kind === 'member' ? [reading.profile] : []))
      .filter(({ memberStatus }) => memberStatus === 'active')
      .toSorted((one, other) => one.memberId.localeCompare(other.memberId));
  } finally {
    await ledger.close();
  }
}
