import { Command } from 'commander';

import { addAdd } from './add.ts';
import { addBounce } from './bounce.ts';
import { addCampaign } from './campaign.ts';
import { addCatalogue } from './catalogue.ts';
import { addCheck } from './check.ts';
import { addDemo } from './demo.ts';
import { addDoctor } from './doctor.ts';
import { addEvents } from './events.ts';
import { addExplain } from './explain.ts';
import { addFlows, addPause, addResume } from './flows.ts';
import { addImportTemplate } from './import-template.ts';
import { addImport } from './import.ts';
import { addInit } from './init.ts';
import { addKeys } from './keys.ts';
import { addLedger } from './ledger.ts';
import { addMember } from './member.ts';
import { addCancel, addCancelSubject, addRequeue } from './message-changes.ts';
import { addMessages } from './messages.ts';
import { addMigrate } from './migrate.ts';
import { addNew } from './new.ts';
import { addOutdated } from './outdated.ts';
import { addPreview } from './preview.ts';
import { addRetention } from './retention.ts';
import { addRules } from './rules.ts';
import { addSegment } from './segment.ts';
import { addSend } from './send.ts';
import { addServe } from './serve.ts';
import { addSuppress, addUnsuppress } from './suppressions.ts';
import { addTemplates } from './templates.ts';
import { addTriggers } from './triggers.ts';
import { addTypes } from './types.ts';
import { packageVersion } from './version.ts';
import { addWebhooks } from './webhooks.ts';
import { addYearInReview } from './year-in-review.ts';

/** Every command, in the order of `laurel --help`; a new one is a file and a line here. */
const commands: readonly ((program: Command) => void)[] = [
  addInit,
  addAdd,
  addNew,
  addOutdated,
  addRules,
  addTypes,
  addDemo,
  addServe,
  addPreview,
  addCheck,
  addImportTemplate,
  addTemplates,
  addSend,
  addMember,
  addMessages,
  addExplain,
  addBounce,
  addTriggers,
  addRequeue,
  addCancel,
  addCancelSubject,
  addSuppress,
  addUnsuppress,
  addFlows,
  addPause,
  addResume,
  addCampaign,
  addYearInReview,
  addSegment,
  addEvents,
  addImport,
  addLedger,
  addWebhooks,
  addCatalogue,
  addKeys,
  addRetention,
  addDoctor,
  addMigrate,
];

/** The command line, not parsed yet. It throws instead of ending the process. */
export function openProgram(): Command {
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
  for (const add of commands) add(program);
  return program;
}
