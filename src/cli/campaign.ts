import { Argument, type Command } from 'commander';

import {
  type CampaignState,
  changeCampaign,
  findCampaign,
  listCampaigns,
} from '../campaign/campaigns.ts';
import { PermanentError } from '../core/errors.ts';
import { transaction } from '../postgres/pool.ts';
import { startCampaign, type StartOptions } from './campaign-start.ts';
import { showCampaign, titleOf, watchCampaign } from './campaign-status.ts';
import { campaignIdOf, checkId } from './message-id.ts';
import { type Session, withBrands, withDatabase } from './session.ts';
import { clock, print } from './terminal.ts';

/** What a campaign can be of. */
const kinds = ['year-in-review'];

export function addCampaign(program: Command): void {
  const campaign = program
    .command('campaign')
    .description('send one mail to many members: start, watch, pause, resume, cancel')
    .addHelpText(
      'after',
      `
Examples:
  $ laurel campaign start year-in-review --year 2026 --audience members.csv --brand juniper
  $ laurel campaign status --watch
  $ laurel campaign pause 0196a000-3c5e-7000-8000-1f2e3d4c5b6a`,
    );

  campaign
    .command('start')
    .description('make a campaign of a file of members and start it')
    .addArgument(new Argument('<kind>', 'what to send').choices(kinds))
    .requiredOption('--year <year>', 'the year to look back on')
    .requiredOption('--audience <file>', 'CSV or JSON with the member ids; - is stdin')
    .option('--column <name>', 'the column or field of the member ids, where it is not memberId')
    .option('--brand <brand>', 'whose members they are; the default brand when left out')
    .option('--key <key>', 'names this campaign: the same key never starts a second one')
    .option(
      '--template-version <version>',
      'keep one version for all: accepted (what is live now), or a hash; live, when left out',
    )
    .option('--paused', 'load everything, but send nothing until it is resumed')
    .option('--json', 'print the campaign as JSON')
    .addHelpText(
      'after',
      `
The whole file is read and checked first. A member that is in it twice gets one mail. When loading is interrupted, the
same command goes on where it stopped: without --key, the same file, brand and year are the same campaign.

Examples:
  $ laurel campaign start year-in-review --year 2026 --audience members.csv --brand juniper
  $ crm export --segment gold | laurel campaign start year-in-review --year 2026 --audience - --key gold-2026
  $ laurel campaign start year-in-review --year 2026 --audience pilot.csv --paused`,
    )
    .action((kind: string, options: StartOptions) =>
      withBrands((session) => startCampaign(kind, options, session)),
    );

  campaign
    .command('status')
    .description('how far a campaign is: by state, and by reason for what was not sent')
    .argument('[id]', 'the newest one when left out', 'last')
    .option('--watch', 'stay until everything is worked off')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ laurel campaign status
  $ laurel campaign status 0196a000-3c5e-7000-8000-1f2e3d4c5b6a --watch`,
    )
    .action((id: string, options: { watch?: boolean; json?: boolean }) =>
      withDatabase(async (session) => {
        const wanted = await campaignIdOf(session, checkId(id, 'campaign'));
        if (options.watch) await watchCampaign(wanted, session);
        await showCampaign(wanted, session, options.json === true);
      }),
    );

  for (const { name, to, description } of changes) {
    campaign
      .command(name)
      .description(description)
      .argument('<id>', 'of the campaign, or last: the newest one')
      .addHelpText(
        'after',
        `\nExample:\n  $ laurel campaign ${name} 0196a000-3c5e-7000-8000-1f2e3d4c5b6a`,
      )
      .action((id: string) =>
        withDatabase(async (session) =>
          change(await campaignIdOf(session, checkId(id, 'campaign')), name, to, session),
        ),
      );
  }

  campaign
    .command('list')
    .description('the newest campaigns')
    .option('--json', 'print them as JSON')
    .addHelpText('after', '\nExample:\n  $ laurel campaign list')
    .action(({ json }: { readonly json?: boolean }) =>
      withDatabase(async ({ pool, tenant }) => {
        const campaigns = await listCampaigns(pool, tenant);
        if (json) return print(JSON.stringify(campaigns, null, 2));
        if (campaigns.length === 0) return print('There is no campaign yet.');
        for (const one of campaigns)
          await print(
            `${one.id}  ${clock(one.createdAt)}  ${one.state.padEnd(9)}  ${titleOf(one)}`,
          );
      }),
    );
}

const changes = [
  {
    name: 'pause',
    to: 'paused',
    description: 'stop sending; messages already in a worker’s hands still go out',
  },
  { name: 'resume', to: 'running', description: 'go on with a paused campaign' },
  { name: 'cancel', to: 'cancelled', description: 'end it for good; what waits is not sent' },
] as const;

async function change(
  id: string,
  name: string,
  to: Extract<CampaignState, 'running' | 'paused' | 'cancelled'>,
  { pool, tenant }: Session,
): Promise<void> {
  const before = await findCampaign(pool, tenant, id);
  if (!before) throw unknown(id, tenant);
  const after = await transaction(pool, (db) => changeCampaign(db, tenant, id, to));
  if (after) return print(`${titleOf(after)}: ${after.state}`);
  if (before.state === to) return print(`${titleOf(before)}: ${before.state} already`);
  throw new PermanentError(
    'campaign-state',
    `the campaign is ${before.state}; ${name} does not apply to it`,
  );
}

const unknown = (id: string, tenant: string) =>
  new PermanentError(
    'unknown-campaign',
    `there is no campaign ${id} of tenant "${tenant}"; \`laurel campaign list\` shows them`,
  );
