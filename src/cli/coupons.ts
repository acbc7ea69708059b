import type { Command } from 'commander';

import { addCodes, CouponCode, listPools, mustBe, newCode, type PoolKey } from '../coupon/pool.ts';
import { splitLines } from '../table/lines.ts';
import { chosenBrand } from './brand-option.ts';
import { UsageError } from './failure.ts';
import { inBatches, openInput } from './input.ts';
import { type BrandsSession, withBrands, withDatabase } from './session.ts';
import { count, print } from './terminal.ts';

type Options = { readonly brand?: string; readonly json?: boolean };
type GenerateOptions = Options & { readonly count: string; readonly prefix: string };

/** Codes a statement. */
const chunk = 1_000;
const mostGenerated = 1_000_000;
/** Bytes of a line. */
const longest = 1_000;

export function addCoupons(program: Command): void {
  const coupons = program
    .command('coupons')
    .description(
      'pools of codes, of which each member gets one of their own: import, generate, list',
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ laurel coupons import winter-15 codes.txt --brand kestrel',
    );
  const brand = ['--brand <brand>', 'whose offer it is; the default brand when left out'] as const;

  coupons
    .command('import')
    .description('add codes to the pool of an offer; those it has already stay as they are')
    .argument('<offer>', 'an offer with "couponPool": true')
    .argument('<file>', 'a code a line; - is stdin')
    .option(...brand)
    .addHelpText(
      'after',
      '\nExample:\n  $ laurel coupons import winter-15 codes.txt --brand kestrel',
    )
    .action((offer: string, file: string, options: Options) =>
      withBrands(async (session) => {
        const added = await importCodes(session, keyOf(offer, options, session), file);
        await print(`${count(added, 'new code')} for ${offer}`);
      }),
    );

  coupons
    .command('generate')
    .description('add codes that nobody can guess to the pool of an offer')
    .argument('<offer>', 'an offer with "couponPool": true')
    .requiredOption('--count <codes>', 'how many')
    .option('--prefix <text>', 'what each begins with', '')
    .option(...brand)
    .addHelpText(
      'after',
      '\nExample:\n  $ laurel coupons generate winter-15 --count 5000 --prefix W15-',
    )
    .action((offer: string, options: GenerateOptions) =>
      withBrands(async (session) => {
        const wanted = Number(options.count);
        if (!Number.isInteger(wanted) || wanted < 1 || wanted > mostGenerated)
          throw new UsageError(`--count must be a whole number from 1 to ${mostGenerated}`);
        if (!CouponCode.safeParse(newCode(options.prefix)).success)
          throw new UsageError('--prefix must be letters, digits, - _ or ., 50 at most');
        const key = keyOf(offer, options, session);
        let added = 0;
        // One that is there already, by a chance of next to none, is made up for by another.
        while (added < wanted)
          added += await addCodes(
            session.pool,
            key,
            Array.from({ length: Math.min(chunk, wanted - added) }, () => newCode(options.prefix)),
          );
        await print(`${count(added, 'new code')} for ${offer}`);
      }),
    );

  coupons
    .command('list')
    .description('every pool, and how many of its codes are free, reserved and committed')
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExample:\n  $ laurel coupons list')
    .action(({ json }: Options) =>
      withDatabase(async ({ pool, tenant }) => {
        const pools = await listPools(pool, tenant);
        if (json) return print(JSON.stringify(pools, null, 2));
        if (pools.length === 0) await print('There are no codes.');
        for (const { brand: of, offerId, free, reserved, committed } of pools)
          await print(
            `${of} ${offerId}: ${free} free, ${reserved} reserved, ${committed} committed`,
          );
      }),
    );
}

const keyOf = (offerId: string, options: Options, session: BrandsSession): PoolKey => ({
  tenant: session.tenant,
  brand: chosenBrand(options.brand, session).id,
  offerId,
});

/** A line that is wrong is named, and the same command goes on with the file once it is mended. */
async function importCodes({ pool }: BrandsSession, key: PoolKey, file: string): Promise<number> {
  const { chunks, name } = await openInput(file);
  let added = 0;
  for await (const lines of inBatches(splitLines(chunks, longest), chunk)) {
    const codes = lines.flatMap(({ line, bytes }) => {
      const text = bytes === undefined ? null : Buffer.from(bytes).toString().trim();
      if (text === '') return [];
      const parsed = CouponCode.safeParse(text);
      if (parsed.success) return [parsed.data];
      throw new UsageError(`${name} line ${line}: a code ${mustBe}`);
    });
    added += await addCodes(pool, key, codes);
  }
  return added;
}
