import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Command } from 'commander';

import type { App } from '../app/app.ts';
import { addAudience } from '../campaign/audience.ts';
import { changeCampaign, createCampaign, findCampaign } from '../campaign/campaigns.ts';
import { campaignCounts } from '../campaign/counts.ts';
import type { Config } from '../config.ts';
import { brandsOf } from '../ledger/batch.ts';
import { findMessage, type MessageRecord } from '../message/messages.ts';
import { type BrandFixtures, readFixtures } from '../personas/fixtures.ts';
import { loadIntoLedger } from '../personas/into-ledger.ts';
import { transaction } from '../postgres/pool.ts';
import { loadProject } from '../project/load-project.ts';
import { packageFolder } from '../project/project-folder.ts';
import type { LoadedBrand } from '../render/voice/brand-files.ts';
import { fileName } from '../transports/outbox.ts';
import { readAfternoon, reviewAudience, type Scene } from './demo/afternoon.ts';
import { ownScenes } from './demo/own-scenes.ts';
import { reportLines, type ReportNames } from './demo/report.ts';
import { readConfig } from './read-config.ts';
import { quietLog } from './session.ts';
import { count, paintFor, print } from './terminal.ts';

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description(
      'an afternoon of two brands: orders, bookings, bonuses, a cancellation, a year in review',
    )
    .option('--once', 'stop when everything is worked off, instead of staying up with the API')
    .addHelpText(
      'after',
      `
Starts what isn't configured by itself: an embedded Postgres, the queue in it, an outbox folder for the mail. With
DATABASE_URL, REDIS_URL or SMTP_URL set it uses those. Loads the fixtures, hands in the messages of one afternoon, works
them off, and shows for each what was sent, what was left out, and why.

Examples:
  $ laurel demo
  $ laurel demo --once`,
    )
    .action(runDemo);
}

const tenant = 'main';
/** Whose afternoon the package's own demo plays. */
const afternoonBrands = ['juniper', 'kestrel'];

async function runDemo({ once = false }: { readonly once?: boolean }): Promise<void> {
  const started = performance.now();
  const configured = readConfig();
  const config: Config = {
    ...configured,
    tenant,
    roles: new Set(once ? ['worker'] : ['api', 'worker']),
  };
  const stopped = once ? undefined : interrupted();
  // Loaded only here: `--help` needs neither renderer nor queue.
  const [{ openApp }, { loadBrands }] = await Promise.all([
    import('../app/app.ts'),
    import('../render/voice/brand-files.ts'),
  ]);
  const project = await loadProject();
  const own = project.folder !== packageFolder;
  await print(intro(config, own ? 'everybody’s mails' : 'an afternoon of two brands'));
  const names = project.templates.map(({ name }) => name);
  const brands = [...(await loadBrands(project.root)).values()];
  const stories = await Promise.all(
    brands
      .filter(({ brand }) => own || afternoonBrands.includes(brand.id))
      .map(async (brand) => ({
        brand,
        fixtures: await readFixtures(project.fixtures, brand.brand.id, names),
      })),
  );
  // The story plays on one afternoon, so that its offers are current whenever the demo runs.
  const playsAt = stories[0]?.fixtures.now ?? new Date();
  const offset = playsAt.getTime() - Date.now();
  const now = () => new Date(Date.now() + offset);
  const app = await openApp({ config, project, log: quietLog(config.logLevel), now });
  try {
    await print(
      `${await loadStories(app, stories)} It is ${playsAt.toDateString()} in this story.\n`,
    );
    const run = Date.now().toString(36).slice(-5).toUpperCase();
    const scenes = own
      ? stories.flatMap(({ brand, fixtures }) => ownScenes(project, brand, fixtures))
      : await readAfternoon(run, now());
    const messages = await playAfternoon(app, scenes);
    const campaign = own ? undefined : await playCampaign(app);
    const states = await settle(app, config, messages);
    for (const [state, n] of campaign === undefined ? [] : await tellCampaign(app, campaign))
      states.set(state, (states.get(state) ?? 0) + n);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    await print(
      `${summary(states)} All of it in ${seconds} s.\n${whatNext(app, config, messages, own)}`,
    );
    await stopped;
  } finally {
    await app.close();
  }
}

type Story = { readonly brand: LoadedBrand; readonly fixtures: BrandFixtures };

/** Catalogues and what happened to people, into the database. */
async function loadStories({ pool, brands }: App, stories: readonly Story[]): Promise<string> {
  const sum = { offers: 0, products: 0, events: 0 };
  for (const { brand, fixtures } of stories) {
    const brandOf = brandsOf(brands);
    const loaded = await loadIntoLedger(pool, tenant, brand.brand.id, fixtures, brandOf);
    sum.offers += loaded.offers;
    sum.products += loaded.products;
    sum.events += loaded.events;
  }
  const events = sum.events > 0 ? count(sum.events, 'new event') : 'all events';
  return `${count(sum.offers, 'offer')}, ${count(sum.products, 'product')} and ${events} loaded.`;
}

const intro = ({ databaseUrl, redisUrl, smtpUrl, outboxFolder }: Config, what: string) =>
  [
    paintFor(process.stdout)('bold', `Laurel: ${what}`),
    `database  ${databaseUrl === undefined ? 'embedded Postgres (set DATABASE_URL for another)' : 'DATABASE_URL'}`,
    `queue     ${redisUrl === undefined ? 'in that Postgres (set REDIS_URL for Redis or Valkey)' : 'REDIS_URL'}`,
    `mail      ${smtpUrl === undefined ? `files in ${outboxFolder} (set SMTP_URL to send)` : 'SMTP_URL'}`,
  ].join('\n');

type Waiting = { readonly id: string; readonly who: string };

async function playAfternoon(app: App, scenes: readonly Scene[]): Promise<Waiting[]> {
  const waiting: Waiting[] = [];
  for (const { who, request, thenCancel } of scenes) {
    const { id } = await app.producer.enqueue(request);
    if (thenCancel) await app.producer.cancelSubjects(thenCancel);
    waiting.push({ id, who });
  }
  return waiting;
}

async function playCampaign({ pool }: App): Promise<string> {
  const id = randomUUID();
  await createCampaign(pool, {
    id,
    tenant,
    brand: 'juniper',
    template: 'year-in-review',
    parameters: { year: 2026 },
    idempotencyKey: null,
  });
  await addAudience(pool, id, reviewAudience);
  await transaction(pool, (db) => changeCampaign(db, tenant, id, 'running'));
  return id;
}

const over = new Set(['sent', 'suppressed', 'failed', 'quarantined', 'cancelled']);
const dayMs = 86_400_000;
/** Nothing more happens to it during the demo. */
const isSettled = ({ state, nextAt }: MessageRecord) =>
  over.has(state) || (state === 'held' && nextAt.getTime() > Date.now() + dayMs);

/** Reports each message once it is settled, in the order they were handed in. */
async function settle(
  app: App,
  { smtpUrl, outboxFolder }: Config,
  messages: readonly Waiting[],
): Promise<Map<string, number>> {
  const paint = paintFor(process.stdout);
  await print(paint('dim', 'WHO                 WHAT                OUTCOME'));
  const states = new Map<string, number>();
  for (const { id, who } of messages) {
    let record = await findMessage(app.pool, tenant, id);
    while (!record || !isSettled(record)) {
      await sleep(50);
      record = await findMessage(app.pool, tenant, id);
    }
    states.set(record.state, (states.get(record.state) ?? 0) + 1);
    const file = smtpUrl === undefined ? join(outboxFolder, fileName(id)) : record.response;
    const mail = record.state === 'sent' ? file : null;
    const words = wordsOf(app, record.brand);
    await print(reportLines(who, record, { paint, words, mail }).join('\n'));
  }
  return states;
}

/** The brand's own names of its tiers. */
function wordsOf({ brands }: App, brandId: string): ReportNames {
  const tiers = brands.get(brandId)?.brand.programme.tiers ?? [];
  return { tier: (id) => tiers.find((tier) => tier.id === id)?.name ?? id };
}

/** Says how the campaign ended. Returns its mails by state. */
async function tellCampaign({ pool }: App, id: string): Promise<Map<string, number>> {
  for (;;) {
    const campaign = await findCampaign(pool, tenant, id);
    const counts = await campaignCounts(pool, id);
    const open = counts.some(({ state }) => !over.has(state));
    if (campaign?.state === 'done' && !open) {
      const parts = counts.map(
        (one) => `${one.count} ${one.state}${one.reason === null ? '' : ` (${one.reason})`}`,
      );
      await print(
        `Year in review 2026, ${count(campaign.audienceSize, 'member')}: ${parts.join(', ')}\n`,
      );
      return counts.reduce(
        (sum, one) => sum.set(one.state, (sum.get(one.state) ?? 0) + one.count),
        new Map<string, number>(),
      );
    }
    await sleep(50);
  }
}

const summary = (states: ReadonlyMap<string, number>) =>
  `${[...states].map(([state, n]) => `${n} ${state}`).join(', ')}.`;

function whatNext(
  { url }: App,
  { smtpUrl, outboxFolder }: Config,
  messages: readonly Waiting[],
  own: boolean,
): string {
  const booking = messages.find(({ who }) => who === 'Ana Keller') ?? messages[0];
  return [
    ...(smtpUrl === undefined
      ? [`Mails         ${outboxFolder}/*.eml (open in any mail program)`]
      : []),
    `One in full   ${own ? 'npx laurel' : 'npm run laurel --'} explain ${booking?.id ?? '<messageId>'}`,
    'Look and try  npm run preview',
    ...(url === undefined ? [] : [`API           ${url}/openapi.json (Ctrl-C stops)`]),
  ].join('\n');
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}
