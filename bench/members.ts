import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { FixtureBrand } from '../fixtures/persona.ts';
import { Profile } from '../src/contract/profile.ts';

/** A fixture brand's active members as the fixtures' golden profiles have them; the erased and the disputed are left out. */
export async function activeMembers(brand: FixtureBrand): Promise<Profile[]> {
  const folder = join(import.meta.dirname, '..', 'fixtures', brand, 'profiles');
  const files = (await readdir(folder)).toSorted();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return texts.flatMap((text) => {
    const parsed = Profile.safeParse(JSON.parse(text));
    return parsed.success && parsed.data.memberStatus === 'active' ? [parsed.data] : [];
  });
}
