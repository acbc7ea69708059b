import { type Command, Option } from 'commander';

import { PermanentError } from '../core/errors.ts';
import { retryHeld } from '../ingest/receive.ts';
import { receiving } from '../ingest/receiving.ts';
import { brandsOf } from '../ledger/batch.ts';
import { listHeld, releaseHeld } from '../ledger/held-events.ts';
import { knownFrom, redactSource } from '../members/redact-source.ts';
import { deliveryStates, listDeliveries, resendDead } from '../outgoing/deliveries.ts';
import { UsageError } from './failure.ts';
import { withBrands, withDatabase } from './session.ts';
import { clock, count, note, oneLine, print } from './terminal.ts';

/** Looked at, or tried again, at once. */
const most = 1_000;

const example = (line: string) => `\nExamples:\n  $ ${line}`;

export function addWebhooks(program: Command): void {
  const webhooks = program
    .command('webhooks')
    .description(
      'events of webhooks that are held, by the ledger or for their order; what others were told',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ laurel webhooks held
  $ laurel webhooks retry                                      after what was in their way is put right
  $ laurel webhooks drop juniper-shop refund-77
  $ laurel webhooks redact juniper-shop                        what a shop that left would have erased
  $ laurel webhooks out --state dead                           what our own webhooks couldn't tell
  $ laurel webhooks resend --all                               tell it again`,
    );
  webhooks
    .command('held')
    .description('list them, the oldest first')
    .option('--json', 'one JSON object a line, with the event itself')
    .addHelpText('after', example('laurel webhooks held'))
    .action(async ({ json }: { json?: true }) =>
      withDatabase(async ({ pool, tenant }) => {
        const held = await listHeld(pool, tenant, most);
        for (const one of held) {
          const { source, id, orderId, problems } = one;
          const why = problems
            .map(({ path, message }) => oneLine(`${path}: ${message}`))
            .join('; ');
          if (json) await print(JSON.stringify(one));
          else await print(`${source}  ${id}  ${why || `waits for order ${orderId ?? ''}`}`);
        }
        if (held.length === 0) note('none is held');
      }),
    );
  webhooks
    .command('retry')
    .description('apply those that can be applied by now')
    .addHelpText('after', example('laurel webhooks retry'))
    .action(async () =>
      withBrands(async ({ pool, tenant, brands, now }) => {
        const deps = receiving(pool, tenant, brandsOf(brands), now);
        const held = await listHeld(pool, tenant, most);
        const results = await retryHeld(held, deps);
        const refused = results.filter(({ kind }) => kind === 'refused').length;
        await print(
          `${count(results.length - refused, 'event')} applied, ${held.length - results.length + refused} still held`,
        );
      }),
    );
  webhooks
    .command('drop')
    .description('forget one that nobody wants')
    .argument('<source>', 'the connection')
    .argument('<id>', 'the event')
    .addHelpText('after', example('laurel webhooks drop juniper-shop refund-77'))
    .action(async (source: string, id: string) =>
      withDatabase(async ({ pool, tenant }) => {
        const dropped = await releaseHeld(pool, tenant, [{ source, id }]);
        if (dropped === 0) throw new PermanentError('not-held', `${source} ${id} is not held`);
        await print(`${source} ${id} dropped`);
      }),
    );
  addOutgoing(webhooks);
  webhooks
    .command('redact')
    .description('erase all whom a connection alone told of, as a shop that left asks for')
    .argument('<source>', 'the connection')
    .option('--yes', 'really: without it, say whom that would be')
    .addHelpText('after', example('laurel webhooks redact juniper-shop'))
    .action(async (source: string, { yes }: { yes?: true }) =>
      withBrands(async (session) => {
        const { alone, others, held } = await knownFrom(session.pool, session.tenant, source);
        for (const { memberId, sources } of others)
          note(`${memberId} stays: ${sources.join(', ')} told of the member as well`);
        const whom = `${count(alone.length, 'account')} of ${source}, and ${count(held, 'held event')}`;
        if (!yes) return print(`${whom} would be erased; this can't be undone: add --yes`);
        const erased = await redactSource(session, session.tenant, { source, actor: 'cli' });
        await print(`${count(erased, 'account')} of ${source} erased`);
      }),
    );
}

/** What our own webhooks told, or couldn't. */
function addOutgoing(webhooks: Command): void {
  webhooks
    .command('out')
    .description('what endpoints of WEBHOOKS_FILE were told, or are yet to be, the latest first')
    .addOption(new Option('--state <state>', 'only those').choices(deliveryStates))
    .option('--endpoint <name>', 'only those of one endpoint')
    .option('--json', 'one JSON object a line')
    .addHelpText('after', example('laurel webhooks out --state dead'))
    .action(
      async (options: {
        readonly state?: (typeof deliveryStates)[number];
        readonly endpoint?: string;
        readonly json?: true;
      }) =>
        withDatabase(async ({ pool, tenant }) => {
          const found = await listDeliveries(pool, tenant, { ...options, limit: most });
          for (const one of found) {
            const { webhookId, endpoint, type, subject, at, state, tries, problem } = one;
            const why =
              problem === null ? '' : `  ${oneLine(problem)} (${count(tries, 'try', 'tries')})`;
            await print(
              options.json
                ? JSON.stringify(one)
                : `${clock(at)}  ${endpoint}  ${type}  ${oneLine(subject)}  ${state}  ${webhookId}${why}`,
            );
          }
          if (found.length === 0) note('there is none');
        }),
    );
  webhooks
    .command('resend')
    .description('tell again what was given up')
    .argument('[ids...]', 'their webhook ids')
    .option('--all', 'everything that was given up')
    .addHelpText('after', example('laurel webhooks resend --all'))
    .action(async (ids: string[], { all }: { all?: true }) =>
      withDatabase(async ({ pool, tenant }) => {
        if ((ids.length === 0) === (all === undefined))
          throw new UsageError('say which: ids of webhooks, or --all');
        const resent = await resendDead(pool, tenant, all ? 'all' : ids);
        if (resent === 0 && !all) throw new PermanentError('not-dead', 'none of them was given up');
        await print(`${count(resent, 'webhook')} told again`);
      }),
    );
}
