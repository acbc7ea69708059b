import type { Command } from 'commander';

import { PermanentError } from '../core/errors.ts';
import { brandsOf } from '../ledger/batch.ts';
import { rebuild } from '../ledger/rebuild/rebuild.ts';
import { addPoints } from './ledger-points.ts';
import { openProgress } from './progress.ts';
import { type BrandsSession, withBrands } from './session.ts';
import { count, oneLine, print } from './terminal.ts';

type Options = {
  readonly check?: true;
  readonly member?: string;
  readonly tenant?: string;
  readonly json?: true;
};

const mostToShow = 50;

export function addLedger(program: Command): void {
  const ledger = program
    .command('ledger')
    .description('look into the ledger, and after it')
    .addHelpText('after', '\nExample:\n  $ laurel ledger rebuild --check');
  addPoints(ledger);
  ledger
    .command('rebuild')
    .description('compute every profile anew from its events, and store what differs')
    .option('--check', 'change nothing; name every difference, and fail where there is one')
    .option('--member <id>', 'only this member, and the accounts ever linked with it')
    .option('--tenant <id>', 'another tenant than the configured one')
    .option('--json', 'print what differs as JSON')
    .addHelpText(
      'after',
      `
Events are kept whole, so everything else can be computed from them again, by the same code. What comes out must be what
is stored. Readers and writers go on meanwhile. Accounts with events from before events were kept whole are named and
left alone.

Examples:
  $ laurel ledger rebuild --check                 is everything as its events say?
  $ laurel ledger rebuild --check --member m-1001
  $ laurel ledger rebuild                         after an upgrade that changes what profiles hold`,
    )
    .action((options: Options) => withBrands((session) => run(options, session)));
}

async function run(options: Options, session: BrandsSession): Promise<void> {
  const { pool, signal } = session;
  const tenant = options.tenant ?? session.tenant;
  const brands = brandsOf(session.brands);
  const total = await accountsIn(session, tenant, options.member);
  const progress = openProgress(total);
  let accounts = 0;
  const differing = new Set<string>();
  const lines: string[] = [];
  const incomplete: string[] = [];
  const found: { readonly differences: unknown[]; readonly incomplete: unknown[] } = {
    differences: [],
    incomplete: [],
  };
  try {
    const store = options.check === undefined;
    const memberIds = options.member === undefined ? {} : { memberIds: [options.member] };
    for await (const some of rebuild(pool, tenant, brands, { ...memberIds, store })) {
      accounts += some.accounts;
      if (options.json) {
        found.differences.push(...some.differences);
        found.incomplete.push(...some.incomplete);
      }
      for (const { memberId, path, stored, recomputed } of some.differences) {
        differing.add(memberId);
        lines.push(`${memberId}  ${path}  stored ${text(stored)}  recomputed ${text(recomputed)}`);
      }
      incomplete.push(...some.incomplete.map(({ memberId, why }) => `${memberId}  ${why}`));
      progress.update(accounts, `${count(accounts, 'account')} computed`);
      if (signal.aborted) break;
    }
  } finally {
    progress.stop();
  }
  if (options.json) await print(JSON.stringify({ accounts, ...found }, null, 2));
  else
    for (const line of [...shown(lines, 'difference'), ...shown(incomplete, 'account')])
      await print(line);
  const summary = [
    `${count(accounts, 'account')} computed anew`,
    lines.length === 0
      ? 'no difference'
      : `${count(lines.length, 'difference')} in ${count(differing.size, 'account')}`,
    ...(lines.length > 0 && options.check === undefined ? ['stored as recomputed'] : []),
    ...(incomplete.length > 0 ? [`${count(incomplete.length, 'account')} left out`] : []),
  ];
  if (!options.json) await print(summary.join(', '));
  if (signal.aborted) throw new PermanentError('interrupted', 'stopped before the end');
  if (lines.length > 0 && options.check)
    throw new PermanentError(
      'ledger-differs',
      'what is stored is not what its events come to; `laurel ledger rebuild` stores what they do',
    );
}

async function accountsIn({ pool }: BrandsSession, tenant: string, member: string | undefined) {
  const { rows } = await pool.query<{ accounts: number; known: boolean }>(
    `select count(*) as accounts, bool_or(member_id = $2) as known
       from laurel.members where tenant = $1 and status <> 'erased'`,
    [tenant, member ?? null],
  );
  if (member !== undefined && !rows[0]?.known)
    throw new PermanentError('unknown-member', `tenant ${tenant} has no member ${member}`);
  return member === undefined ? rows[0]?.accounts : undefined;
}

const shown = (lines: readonly string[], what: string): string[] =>
  lines.length <= mostToShow
    ? [...lines]
    : [...lines.slice(0, mostToShow), `… and ${count(lines.length - mostToShow, `more ${what}`)}`];

const text = (value: unknown): string => {
  const json = JSON.stringify(value);
  return oneLine(json.length > 200 ? `${json.slice(0, 200)}…` : json);
};
