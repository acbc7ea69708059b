import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Brand } from '../src/brand/brand.ts';
import { nothingWhereMissing } from '../src/core/code-of.ts';

/**
 * A brand's pictures at hand: what lies in `pictures` in its folder is shown for `<siteUrl>/pictures/…`, where it is to be put. The
 * preview itself loads nothing from anywhere.
 * @returns pictures as data by their address
 */
export async function picturesOf(
  brands: string,
  { id, siteUrl }: Pick<Brand, 'id' | 'siteUrl'>,
): Promise<ReadonlyMap<string, string>> {
  const folder = join(brands, id, 'pictures');
  const names = await readdir(folder).catch(nothingWhereMissing);
  const read = names
    .filter((name) => name.endsWith('.png'))
    .map(async (name) => {
      const content = await readFile(join(folder, name));
      const address = `${siteUrl.replace(/\/$/, '')}/pictures/${name}`;
      return [address, `data:image/png;base64,${content.toString('base64')}`] as const;
    });
  return new Map(await Promise.all(read));
}

/** The same html with these pictures in it; links to them stay. */
export const withPicturesAtHand = (html: string, pictures: ReadonlyMap<string, string>): string => {
  let shown = html;
  for (const [address, data] of pictures)
    shown = shown.replaceAll(`src="${address}"`, `src="${data}"`);
  return shown;
};
