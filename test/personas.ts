import { join } from 'node:path';

import { fixtureNow } from '../fixtures/load.ts';
import type { FixtureBrand } from '../fixtures/persona.ts';
import type { Profile } from '../src/contract/profile.ts';
import { readFixtures } from '../src/personas/fixtures.ts';
import { openOwnLedger } from '../src/personas/own-ledger.ts';
import type { PersonaLedger } from '../src/personas/persona-ledger.ts';
import { loadBrands } from '../src/render/voice/brand-files.ts';
import { testFolder } from './folder.ts';

const root = join(import.meta.dirname, '..');

/** The personas' ledger on the server of the test run. */
export const personaLedger = (): PersonaLedger => openOwnLedger(testFolder, console.warn);

/** A member of the fixtures as the ledger has her when the stories play. */
export async function fixtureMember(brandId: FixtureBrand, memberId: string): Promise<Profile> {
  const ledger = personaLedger();
  try {
    const brand = (await loadBrands(join(root, 'templates'))).get(brandId)?.brand;
    const fixtures = await readFixtures(join(root, 'fixtures'), brandId, []);
    const persona = fixtures.personas.find((one) => one.memberId === memberId);
    if (!brand || !persona) throw new Error(`there is no ${memberId} of ${brandId}`);
    const reading = await ledger.readingAt({ brand, fixtures, persona, at: fixtureNow });
    if (reading.kind !== 'member') throw new Error(`${memberId} is no member`);
    return reading.profile;
  } finally {
    await ledger.close();
  }
}
