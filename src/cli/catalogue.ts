import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Command } from 'commander';
import { z } from 'zod';

import { Offer, Product } from '../brand/catalogue.ts';
import { InvalidInput, PermanentError, type Problem } from '../core/errors.ts';
import { problemsOf } from '../core/problems.ts';
import { catalogueVersion, saveCatalogue } from '../ledger/catalogue/catalogue.ts';
import { reasonOf, UsageError } from './failure.ts';
import { withBrands } from './session.ts';
import { count, print } from './terminal.ts';

export function addCatalogue(program: Command): void {
  const catalogue = program
    .command('catalogue')
    .description('products and offers of a brand')
    .addHelpText('after', '\nExample:\n  $ laurel catalogue load juniper fixtures/juniper');

  catalogue
    .command('load')
    .description(
      'replace a brand’s products and offers with those of products.json and offers.json',
    )
    .argument('<brand>')
    .argument('<dir>', 'the folder with both files')
    .addHelpText(
      'after',
      `
All or nothing: when an entry is wrong, it is named, and what was there stays. Redemptions counted so far stay as well.

Example:
  $ laurel catalogue load juniper fixtures/juniper`,
    )
    .action((brand: string, folder: string) => load(brand, folder));
}

async function load(brand: string, folder: string): Promise<void> {
  const problems: Problem[] = [];
  const products = await readList(folder, 'products.json', Product, problems);
  const offers = await readList(folder, 'offers.json', Offer, problems);
  if (problems.length > 0) throw new InvalidInput(problems);
  await withBrands(async ({ pool, tenant, brands }) => {
    const known = [...brands.keys()];
    if (!known.includes(brand))
      throw new UsageError(`there is no brand "${brand}"; there are ${known.join(', ')}`);
    const before = await catalogueVersion(pool, tenant, brand);
    const version = await saveCatalogue(pool, tenant, brand, { products, offers });
    const what = `${count(products.length, 'product')}, ${count(offers.length, 'offer')}`;
    await print(`${what}: ${before === version ? 'as before, ' : ''}version ${version}`);
  });
}

/** The entries of a file; what is wrong is added to `problems`, as `offers.json[3].endsAt`. */
async function readList<Schema extends z.ZodType>(
  folder: string,
  name: string,
  schema: Schema,
  problems: Problem[],
): Promise<z.output<Schema>[]> {
  const file = join(folder, name);
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new PermanentError('catalogue', `cannot read ${file}: ${reasonOf(error)}`);
  }
  const parsed = z.array(schema).safeParse(json, { reportInput: true });
  if (parsed.success) return parsed.data;
  for (const { path, message } of problemsOf(parsed.error))
    problems.push({ path: `${name}${path === 'body' ? '' : path}`, message });
  return [];
}
