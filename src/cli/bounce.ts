import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';

import type { Command } from 'commander';

import { recordFeedback } from '../feedback/record.ts';
import { readReportMail } from '../feedback/report-mail.ts';
import { transaction } from '../postgres/pool.ts';
import { withDatabase } from './session.ts';
import { count, print } from './terminal.ts';

export function addBounce(program: Command): void {
  program
    .command('bounce')
    .description('take in a bounce or complaint mail, as the mailbox of bounces gets it')
    .argument('[file]', 'the mail (.eml); standard input when left out')
    .addHelpText(
      'after',
      `
Reads delivery status notifications (RFC 3464) and complaints (RFC 5965) about mails that Laurel sent. Whom nothing may be
sent any more is suppressed at once; the message shows what was told.

Examples:
  $ laurel bounce < bounce.eml
  $ laurel bounce report.eml`,
    )
    .action(async (file?: string) => {
      const mail = file === undefined ? await buffer(process.stdin) : await readFile(file);
      const told = await readReportMail(mail, new Date());
      await withDatabase(async ({ pool, tenant, now }) => {
        const { recorded, duplicate, strange } = await transaction(pool, (db) =>
          recordFeedback(db, tenant, 'report-mail', told, now(), 'message'),
        );
        for (const { kind, messageId = '' } of told) await print(`${messageId}  ${kind}`);
        await print(
          [
            `${count(recorded, 'report')} taken in`,
            ...(duplicate > 0 ? [`${duplicate} known before`] : []),
            ...(strange > 0 ? [`${strange} about messages that are not here`] : []),
          ].join(', '),
        );
      });
    });
}
