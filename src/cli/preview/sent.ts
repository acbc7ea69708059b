import type pg from 'pg';

import { type DryAttempt, openDryRun } from '../../app/dry-run.ts';
import type { Config } from '../../config.ts';
import type { Decision } from '../../contract/decision.ts';
import { midSentence } from '../../contract/fact-text.ts';
import type { Message } from '../../contract/message.ts';
import { isVersionHash, shortHash } from '../../contract/template-version.ts';
import { codesIn } from '../../core/codes-in.ts';
import { partSentence } from '../../decision/sentences.ts';
import { timelineOf } from '../../feedback/timeline.ts';
import { audit } from '../../members/audit.ts';
import { maskText, personalIn } from '../../members/mask-text.ts';
import { maskIdentity } from '../../members/mask.ts';
import { findMessage, listMessages, type MessageRecord } from '../../message/messages.ts';
import { becauseOf, endInWords, outcomeSentence } from '../../message/outcome.ts';
import { readMessage } from '../../message/rows/stored-message.ts';
import type { Project } from '../../project/load-project.ts';
import { liveVersionOf } from '../../render/version/template-versions.ts';
import { quietLog } from '../session.ts';
import { asSent, unpinned } from './as-sent.ts';
import { type ShownMail, shownMail } from './kept-mail.ts';

type Setting = {
  readonly pool: pg.Pool;
  readonly config: Config;
  readonly project: Project;
  readonly now: () => Date;
};

/** What is asked for: of a member, of a template, or all; the newest first. */
export type SentFilter = {
  readonly memberId?: string | undefined;
  readonly template?: string | undefined;
  readonly after?: string | undefined;
};

const pageSize = 50;
const actor = 'preview';

/** What really went out, read only. Whose mail is looked at is written down. */
export async function openSent({ pool, config, project, now }: Setting) {
  const { tenant } = config;
  const ownLinks = new RegExp(
    `${config.publicUrl.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}/[^\\s"'<>]*`,
    'g',
  );
  const dry = await openDryRun({ config, log: quietLog(config.logLevel), pool, project, now });

  const list = async ({ memberId, template, after }: SentFilter) => {
    if (memberId !== undefined) await audit(pool, tenant, memberId, { actor, action: 'view' });
    const found = await listMessages(pool, tenant, {
      memberId,
      template,
      after,
      limit: pageSize + 1,
    });
    const messages = found.slice(0, pageSize);
    return {
      messages: messages.map(lineOf),
      next: found.length > pageSize ? (messages.at(-1)?.id ?? null) : null,
    };
  };

  const one = async (id: string) => {
    const [record, message] = await Promise.all([
      findMessage(pool, tenant, id),
      readMessage(pool, tenant, id),
    ]);
    if (!record || !message) return null;
    const memberId = record.decision?.basis.memberId ?? record.memberId;
    if (memberId !== null) await audit(pool, tenant, memberId, { actor, action: 'view' });
    const [timeline, again, today] = await Promise.all([
      timelineOf(pool, tenant, record),
      asSent(dry, record, message, config.outboxFolder),
      asOfNow(message),
    ]);
    const secrets = [
      record.sentTo,
      record.email,
      message.to.name,
      record.decision?.basis.said?.firstName,
      today.decision?.basis.said?.firstName,
      today.email?.to.name,
      ...personalIn(message.data),
    ];
    const stage = await dry.worker.stage(unpinned(message));
    const codes = codesIn([message.data, record.decision?.basis.said, stage.catalogue.offers]);
    const mask = (text: string) =>
      maskText(
        codes.reduce((all, code) => all.replaceAll(code, 'PREVIEW'), text),
        secrets,
      ).replaceAll(ownLinks, 'https://link-at-rest.invalid/');
    const maskedMail = (mail: ShownMail | null): ShownMail | null =>
      mail && {
        from: mail.from,
        subject: mask(mail.subject),
        html: mask(mail.html),
        text: mask(mail.text),
      };
    return {
      line: lineOf(record),
      timeline: timeline.map(({ at, what, source, detail }) => ({
        at: at.toISOString(),
        what,
        source,
        detail: detail === null ? null : mask(detail === record.reason ? whyOf(record) : detail),
      })),
      how: again.how,
      went: {
        says: lineOf(record).says,
        sent: record.state === 'sent',
        blocks: blocksOf(record.decision),
        mail: maskedMail(again.mail),
      },
      today: { ...sideNow(today), mail: maskedMail(today.email && shownMail(today.email)) },
      since: sinceThen(record.decision, today.decision),
    };
  };

  /** As if it were asked for now. */
  const asOfNow = async (message: Message): Promise<DryAttempt> => {
    const version = message.version ?? (await liveVersionOf(pool, tenant, message.template));
    const { sendAt: _, expiresAt: __, after: ___, ...asked } = unpinned(message);
    return dry.attempt({
      ...asked,
      acceptedAt: now(),
      ...(version !== null && { version }),
    });
  };

  return { list, one, close: dry.close };
}

function lineOf(record: MessageRecord) {
  const to = record.sentTo ?? record.email;
  const member = record.decision?.basis.memberId ?? record.memberId;
  return {
    id: record.id,
    template: record.template,
    brand: record.brand,
    at: (record.finishedAt ?? record.acceptedAt).toISOString(),
    state: record.state,
    says: outcomeSentence(record, becauseOf(record)),
    to: to === null ? null : maskIdentity('email', to),
    member: member === null ? null : maskIdentity('member', member),
  };
}

function blocksOf(decision: Decision | null) {
  return (decision?.blocks ?? []).map((block) => {
    const words = block.block.replaceAll('-', ' ');
    return {
      id: `block:${block.block}`,
      title: words.charAt(0).toUpperCase() + words.slice(1),
      shown: block.kind === 'show',
      sentence: partSentence(block),
      rule: block.kind === 'hide' ? block.rule : '',
    };
  });
}

const whyOf = (of: Pick<MessageRecord, 'decision' | 'reason'>): string =>
  becauseOf(of) ?? (of.reason === null ? '' : endInWords(of.reason));

function sideNow({ state, reason, error, decision }: DryAttempt) {
  const sent = state === 'sent';
  const why = midSentence(error ?? whyOf({ decision, reason }));
  return {
    says: sent ? 'Would be sent.' : `Would not be sent: ${why.replace(/\.$/, '')}.`,
    sent,
    blocks: blocksOf(decision),
  };
}

const versionName = (text: string) => (isVersionHash(text) ? shortHash(text) : text);

/** Of what it was made then, and is made now, what is another. */
function sinceThen(then: Decision | null, now: Decision | null): string[] {
  if (!then || !now) return [];
  const { basis: a } = then;
  const { basis: b } = now;
  return [
    ...(a.ledgerVersion === b.ledgerVersion
      ? []
      : [
          `The ledger was told more of the member: its version was ${a.ledgerVersion ?? 'none'}, and is ${b.ledgerVersion ?? 'none'}.`,
        ]),
    ...(a.templateVersion === b.templateVersion
      ? []
      : [
          `The template was ${versionName(a.templateVersion)}, and is ${versionName(b.templateVersion)}.`,
        ]),
    ...(a.catalogueVersion === b.catalogueVersion ? [] : ['The catalogue was changed.']),
    ...(a.programmeVersion === b.programmeVersion ? [] : ['The programme’s rules were changed.']),
    ...(a.locale === b.locale ? [] : [`The language was ${a.locale}, and is ${b.locale}.`]),
  ];
}
