import { readFile } from 'node:fs/promises';

import type { Command } from 'commander';

import { countMembers, explainMember, type SegmentOf } from '../campaign/segment/members.ts';
import {
  deleteSegment,
  requireSegment,
  listSegments,
  saveSegment,
  SegmentName,
} from '../campaign/segment/segments.ts';
import { PermanentError } from '../core/errors.ts';
import { chosenBrand } from './brand-option.ts';
import { UsageError } from './failure.ts';
import { type BrandsSession, withBrands, withDatabase } from './session.ts';
import { clock, count, print } from './terminal.ts';

type Options = { readonly brand?: string; readonly json?: boolean };

export function addSegment(program: Command): void {
  const segment = program
    .command('segment')
    .description('members by conditions over their profile: save, list, count, explain, delete')
    .addHelpText(
      'after',
      `
Examples:
  $ laurel segment save gold-lapsing '{"tier":["gold"],"daysSincePurchase":{"atLeast":60}}' --brand juniper
  $ laurel segment count gold-lapsing --brand juniper
  $ laurel segment explain gold-lapsing noah-reyes --brand juniper`,
    );
  const command = (name: string, description: string) =>
    segment
      .command(name)
      .description(description)
      .argument('<name>', 'of the segment: lower-case letters, digits and hyphens')
      .option('--brand <brand>', 'whose members they are; the default brand when left out');

  command('save', 'store conditions under a name, in place of what that was')
    .argument('<conditions>', 'JSON, or @file')
    .addHelpText(
      'after',
      `\nExample:\n  $ laurel segment save german '{"language":["de"],"consent":["marketing"]}' --brand juniper`,
    )
    .action((name: string, conditions: string, options: Options) =>
      withBrands(async (session) => {
        const key = keyOf(name, options, session);
        const saved = await saveSegment(session.pool, key, await jsonOf(conditions));
        await print(`${saved.name} of ${saved.brand}: ${JSON.stringify(saved.conditions)}`);
      }),
    );

  command('count', 'how many members are in a segment now')
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExample:\n  $ laurel segment count gold-lapsing --brand juniper')
    .action((name: string, options: Options) =>
      withBrands(async (session) => {
        const { conditions } = await requireSegment(session.pool, keyOf(name, options, session));
        const members = await countMembers(session.pool, of(options, session), conditions);
        await print(options.json ? JSON.stringify({ members }) : count(members, 'member'));
      }),
    );

  command('explain', 'whether a member is in, and which conditions decide it')
    .argument('<member>', 'the member’s id')
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExample:\n  $ laurel segment explain gold-lapsing noah-reyes')
    .action((name: string, memberId: string, options: Options) =>
      withBrands(async (session) => {
        const { conditions } = await requireSegment(session.pool, keyOf(name, options, session));
        const verdict = await explainMember(
          session.pool,
          of(options, session),
          conditions,
          memberId,
        );
        if (!verdict)
          throw new PermanentError('unknown-member', `the brand has no member "${memberId}"`);
        if (options.json) return print(JSON.stringify(verdict, null, 2));
        await print(`${memberId} is ${verdict.holds ? 'in' : 'not in'} ${name}, because`);
        for (const { condition, holds, actual, needed } of verdict.because)
          await print(
            `  ${condition} ${holds ? 'holds' : 'does not hold'}: ${JSON.stringify(actual)}, asked for ${JSON.stringify(needed)}`,
          );
      }),
    );

  command('delete', 'forget a segment; campaigns that were made of it keep it')
    .addHelpText('after', '\nExample:\n  $ laurel segment delete gold-lapsing --brand juniper')
    .action((name: string, options: Options) =>
      withBrands(async (session) => {
        const key = keyOf(name, options, session);
        await requireSegment(session.pool, key);
        await deleteSegment(session.pool, key);
        await print(`${name} is deleted`);
      }),
    );

  segment
    .command('list')
    .description('the segments there are')
    .option('--json', 'print them as JSON')
    .addHelpText('after', '\nExample:\n  $ laurel segment list')
    .action(({ json }: Options) =>
      withDatabase(async ({ pool, tenant }) => {
        const segments = await listSegments(pool, tenant);
        if (json) return print(JSON.stringify(segments, null, 2));
        if (segments.length === 0) return print('There is no segment yet.');
        for (const { brand, name, savedAt, conditions } of segments)
          await print(`${brand}  ${name}  ${clock(savedAt)}  ${JSON.stringify(conditions)}`);
      }),
    );
}

const of = ({ brand }: Options, session: BrandsSession): SegmentOf => ({
  tenant: session.tenant,
  brand: chosenBrand(brand, session),
  now: session.now(),
});

function keyOf(name: string, { brand }: Options, session: BrandsSession) {
  const parsed = SegmentName.safeParse(name);
  if (!parsed.success)
    throw new UsageError(`<name> ${parsed.error.issues[0]?.message ?? 'is wrong'}`);
  return { tenant: session.tenant, brand: chosenBrand(brand, session).id, name };
}

async function jsonOf(text: string): Promise<unknown> {
  const json = text.startsWith('@') ? await readFile(text.slice(1), 'utf8') : text;
  try {
    return JSON.parse(json);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(`<conditions> are not JSON: ${error.message}`);
  }
}
