import type { Command } from 'commander';

import {
  type CampaignState,
  changeCampaign,
  findCampaign,
  listCampaigns,
} from '../campaign/campaigns.ts';
import { releasePilot } from '../campaign/pilot.ts';
import { PermanentError } from '../core/errors.ts';
import { transaction } from '../postgres/pool.ts';
import type { DraftOptions } from './campaign-draft.ts';
import type { CreateOptions } from './campaign-options.ts';
import { preflightOf, type PreflightOptions, preflightStored } from './campaign-preflight.ts';
import { type ReportOptions, showReport } from './campaign-report.ts';
import { createOnly, startCampaign, type StartOptions } from './campaign-start.ts';
import { showCampaign, titleOf, watchCampaign } from './campaign-status.ts';
import { campaignIdOf, checkId, isId } from './message-id.ts';
import { daysOf } from './option-values.ts';
import { type Session, withBrands, withDatabase } from './session.ts';
import { clock, print } from './terminal.ts';

/** An option that may be given several times. */
const collect = (value: string, before: readonly string[]) => [...before, value];

/** What a campaign is made of, and for whom. */
const making = (command: Command): Command =>
  command
    .option('--year <year>', 'of a year in review: the year to look back on')
    .option('--data <json>', 'fields of the template that are the same for all, or @file')
    .option(
      '--audience <file>',
      'CSV or JSON with the member ids; - is stdin; may be repeated',
      collect,
      [],
    )
    .option(
      '--segment <name>',
      'members of a segment, as it is when the campaign starts; may be repeated',
      collect,
      [],
    )
    .option(
      '--exclude-segment <name>',
      'a segment whose members get nothing; may be repeated',
      collect,
      [],
    )
    .option('--member <id>', 'a member beside those of the files; may be repeated', collect, [])
    .option('--exclude <file>', 'members who get nothing; may be repeated', collect, [])
    .option('--column <name>', 'the column or field of the member ids, where it is not memberId')
    .option('--ignore <columns>', 'columns that are not fields of the mail, by comma')
    .option('--brand <brand>', 'whose members they are; the default brand when left out')
    .option('--holdout <share>', 'kept out to compare with, such as 10%')
    .option('--pilot <share>', 'written to first, such as 5%; the others once they are released')
    .option(
      '--gate <json>',
      'figures of the pilot that release the others: {"afterMinutes":60,"complaints":0.001}',
    )
    .option('--b-template <name>', 'A/B: another template, for a share of them')
    .option(
      '--b-version <version>',
      'A/B: another published version, such as one with another subject',
    )
    .option('--b-share <share>', 'who gets that one instead; 50% when left out')
    .option('--start-at <time>', 'not before this instant, such as 2026-12-01T09:00:00Z')
    .option(
      '--local-time <time>',
      'for each member when clocks where they are show it, such as 2026-12-01T09:00',
    )
    .option('--per-minute <mails>', 'mails a minute at most')
    .option(
      '--ramp-up <day:mails>',
      'so many a minute from a day on such as 2026-12-01:50, doubled every day until it is --per-minute',
    )
    .option('--group <name>', 'a member gets one mail at most of all campaigns of a group')
    .option('--key <key>', 'names this campaign: the same key never starts a second one')
    .option(
      '--template-version <version>',
      'keep one version for all: accepted (what is live now), or a hash; live, when left out',
    )
    .option('--json', 'print the campaign as JSON');

export function addCampaign(program: Command): void {
  const campaign = program
    .command('campaign')
    .description('send one mail to many members: create, start, watch, pause, resume, cancel')
    .addHelpText(
      'after',
      `
Examples:
  $ laurel campaign start year-in-review --year 2026 --audience members.csv --brand juniper
  $ laurel campaign status --watch
  $ laurel campaign pause 0196a000-3c5e-7000-8000-1f2e3d4c5b6a`,
    );

  making(
    campaign
      .command('create')
      .description('make a campaign of a commercial template; nothing is sent until it is started')
      .argument('<template>', 'what to send'),
  )
    .addHelpText(
      'after',
      `
Columns beside the member id are fields of that member's mail; each row is checked against the template.

Examples:
  $ laurel campaign create early-access --data '{"offerId":"activewear"}' --audience gold.csv --key activewear-2026
  $ laurel campaign create bonus-reminder --audience bonuses.csv --exclude staff.csv --group spring`,
    )
    .action((template: string, options: CreateOptions) =>
      withBrands((session) => createOnly(template, options, session)),
    );

  making(
    campaign
      .command('start')
      .description('start a campaign; of a template, make one and start it')
      .argument('<what>', 'the id of a campaign, last, or a commercial template'),
  )
    .option('--paused', 'load everything, but send nothing until it is resumed')
    .addHelpText(
      'after',
      `
The whole file is read and checked first. A member that is in it twice gets one mail. When loading is interrupted, the
same command goes on where it stopped: without --key, the same files, brand and data are the same campaign.

Examples:
  $ laurel campaign start year-in-review --year 2026 --audience members.csv --brand juniper
  $ crm export --segment gold | laurel campaign start year-in-review --year 2026 --audience - --key gold-2026
  $ laurel campaign start year-in-review --year 2026 --audience pilot.csv --paused
  $ laurel campaign start last`,
    )
    .action((what: string, options: StartOptions) =>
      withBrands((session) => startCampaign(what, options, session)),
    );

  campaign
    .command('preflight')
    .description('what a campaign would do, without sending: makes its mails as its worker would')
    .argument(
      '[what]',
      'the id of a campaign, the newest one when left out; or a commercial template',
      'last',
    )
    .option('--year <year>', 'of a year in review: the year to look back on')
    .option('--data <json>', 'of a template: fields that are the same for all, or @file')
    .option('--audience <file>', 'of a template: CSV or JSON with the member ids; - is stdin')
    .option('--column <name>', 'the column or field of the member ids, where it is not memberId')
    .option('--ignore <columns>', 'columns that are not fields of the mail, by comma')
    .option('--brand <brand>', 'whose members they are; the default brand when left out')
    .option('--sample <members>', 'how many to look at, always the same ones', '200')
    .option('--all', 'look at everybody')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      `
Of a template, it looks at a campaign that is not there: nothing is stored. Ends with 1 where a mail could not be made.

Examples:
  $ laurel campaign preflight last --sample 500
  $ laurel campaign preflight year-in-review --year 2026 --audience members.csv --brand juniper`,
    )
    .action((what: string, options: PreflightOptions & DraftOptions) =>
      withBrands(async (session) =>
        isId(what)
          ? preflightStored(await campaignIdOf(session, what.toLowerCase()), options, session)
          : preflightOf(what, options, session),
      ),
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
    .command('release')
    .description('let the others follow after a campaign’s pilot')
    .argument('<id>', 'of the campaign, or last: the newest one')
    .addHelpText('after', '\nExample:\n  $ laurel campaign release last')
    .action((id: string) =>
      withDatabase(async (session) =>
        release(await campaignIdOf(session, checkId(id, 'campaign')), session),
      ),
    );

  campaign
    .command('report')
    .description('what became of its mails, and what its members bought against those kept out')
    .argument('[id]', 'the newest one when left out', 'last')
    .option('--days <days>', 'bought and redeemed within so many days', daysOf, 14)
    .option('--csv', 'print it as CSV')
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExample:\n  $ laurel campaign report last --days 30')
    .action((id: string, options: ReportOptions) =>
      withBrands(async (session) =>
        showReport(await campaignIdOf(session, checkId(id, 'campaign')), options, session),
      ),
    );

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

async function release(id: string, { pool, tenant }: Session): Promise<void> {
  const campaign = await findCampaign(pool, tenant, id);
  if (!campaign) throw unknown(id, tenant);
  if (await releasePilot(pool, tenant, id)) return print(`${titleOf(campaign)}: released`);
  throw new PermanentError(
    'campaign-state',
    campaign.pilot === null
      ? 'the campaign has no pilot; nothing of it waits'
      : `the campaign is ${campaign.state}, its pilot ${campaign.pilotState}; release does not apply to it`,
  );
}

const unknown = (id: string, tenant: string) =>
  new PermanentError(
    'unknown-campaign',
    `there is no campaign ${id} of tenant "${tenant}"; \`laurel campaign list\` shows them`,
  );
