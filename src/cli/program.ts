import { Command } from 'commander';

import { packageVersion } from './version.ts';

type Commands = Readonly<Record<string, () => Promise<(program: Command) => void>>>;

/**
 * Every command, in the order of `laurel --help`; a new one is a file and a line here. Each is loaded when it is asked for, with
 * what it needs: none waits for what only others do.
 */
const commands = {
  init: async () => (await import('./init.ts')).addInit,
  add: async () => (await import('./add.ts')).addAdd,
  new: async () => (await import('./new.ts')).addNew,
  outdated: async () => (await import('./outdated.ts')).addOutdated,
  rules: async () => (await import('./rules.ts')).addRules,
  types: async () => (await import('./types.ts')).addTypes,
  demo: async () => (await import('./demo.ts')).addDemo,
  serve: async () => (await import('./serve.ts')).addServe,
  preview: async () => (await import('./preview.ts')).addPreview,
  check: async () => (await import('./check.ts')).addCheck,
  'import-template': async () => (await import('./import-template.ts')).addImportTemplate,
  templates: async () => (await import('./templates.ts')).addTemplates,
  send: async () => (await import('./send.ts')).addSend,
  member: async () => (await import('./member.ts')).addMember,
  stats: async () => (await import('./stats.ts')).addStats,
  messages: async () => (await import('./messages.ts')).addMessages,
  explain: async () => (await import('./explain.ts')).addExplain,
  mcp: async () => (await import('./mcp.ts')).addMcp,
  bounce: async () => (await import('./bounce.ts')).addBounce,
  triggers: async () => (await import('./triggers.ts')).addTriggers,
  requeue: async () => (await import('./message-changes.ts')).addRequeue,
  cancel: async () => (await import('./message-changes.ts')).addCancel,
  'cancel-subject': async () => (await import('./message-changes.ts')).addCancelSubject,
  suppress: async () => (await import('./suppressions.ts')).addSuppress,
  unsuppress: async () => (await import('./suppressions.ts')).addUnsuppress,
  flows: async () => (await import('./flows.ts')).addFlows,
  pause: async () => (await import('./flows.ts')).addPause,
  resume: async () => (await import('./flows.ts')).addResume,
  campaign: async () => (await import('./campaign.ts')).addCampaign,
  'year-in-review': async () => (await import('./year-in-review.ts')).addYearInReview,
  segment: async () => (await import('./segment.ts')).addSegment,
  coupons: async () => (await import('./coupons.ts')).addCoupons,
  events: async () => (await import('./events.ts')).addEvents,
  import: async () => (await import('./import.ts')).addImport,
  ledger: async () => (await import('./ledger.ts')).addLedger,
  webhooks: async () => (await import('./webhooks.ts')).addWebhooks,
  catalogue: async () => (await import('./catalogue.ts')).addCatalogue,
  keys: async () => (await import('./keys.ts')).addKeys,
  retention: async () => (await import('./retention.ts')).addRetention,
  doctor: async () => (await import('./doctor.ts')).addDoctor,
  migrate: async () => (await import('./migrate.ts')).addMigrate,
} satisfies Commands;

/**
 * The command line, not parsed yet. It throws instead of ending the process.
 * @param asked the command, where it is known already: the others aren't loaded then
 */
export async function openProgram(asked?: string): Promise<Command> {
  const program = new Command('laurel')
    .description('Transactional email that knows the customer at the moment it is sent')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showSuggestionAfterError()
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .exitOverride()
    .addHelpText(
      'after',
      `
Examples:
  $ laurel doctor                        check that everything is in place
  $ laurel serve                         run the API and the worker
  $ laurel send orders.ndjson            hand messages in
  $ laurel explain <messageId>           what was sent, and why it looks as it does

Settings come from the environment and from .env in the working directory; .env.example lists them.
Nothing has to be set: an embedded database and an outbox folder under .laurel/ are the default.
Exit codes: 0 done, 1 failed, 2 the command was written wrongly.`,
    );
  const known: Commands = commands;
  const chosen = asked !== undefined && Object.hasOwn(known, asked) ? known[asked] : undefined;
  const loading = chosen ? [chosen] : Object.values(known);
  const adding = await Promise.all(loading.map((load) => load()));
  for (const add of adding) add(program);
  return program;
}
