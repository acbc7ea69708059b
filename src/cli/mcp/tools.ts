import { z } from 'zod';

import { checkTemplates } from '../../check/run.ts';
import { messageStates } from '../../contract/message.ts';
import { checkPayload } from '../../core/payload.ts';
import { timelineOf } from '../../feedback/timeline.ts';
import { memberKeys } from '../../members/find.ts';
import { viewMember } from '../../members/members.ts';
import { acceptMessage } from '../../message/accept.ts';
import { cancelMessage, listMessages } from '../../message/messages.ts';
import { openMails } from '../../package/testing.ts';
import { requireMember } from '../member.ts';
import { checkId, messageIdOf, requireMessage } from '../message-id.ts';
import type { BrandsSession } from '../session.ts';
import { note } from '../terminal.ts';

/** What an agent can ask for. */
export type Tool = {
  readonly name: string;
  readonly description: string;
  readonly input: z.ZodObject;
  /** It changes something. */
  readonly writes: boolean;
  readonly run: (session: BrandsSession, given: unknown) => Promise<unknown>;
};

const tool = <Input extends z.ZodObject>(
  made: Omit<Tool, 'input' | 'run' | 'writes'> & {
    readonly input: Input;
    readonly writes?: true;
    readonly run: (session: BrandsSession, given: z.output<Input>) => Promise<unknown>;
  },
): Tool => ({
  ...made,
  writes: made.writes ?? false,
  run: (session, given) => made.run(session, made.input.parse(given)),
});

const messageId = z.string().describe('The id of a message, or `last` for the newest one');

/** Every tool; a new one is an entry here. */
export const tools: readonly Tool[] = [
  tool({
    name: 'explain',
    description:
      'What became of a message and why: every rule that was asked, blocks and offers shown or hidden, the figures used.',
    input: z.object({ id: messageId }),
    run: async (session, { id }) => {
      const found = await messageIdOf(session, checkId(id, 'message'));
      const record = await requireMessage(session, found);
      return { ...record, timeline: await timelineOf(session.pool, session.tenant, record) };
    },
  }),
  tool({
    name: 'messages',
    description: 'The newest messages, of one member, template, state or reason.',
    input: z.object({
      memberId: z.string().optional(),
      state: z.enum(messageStates).optional(),
      template: z.string().optional(),
      brand: z.string().optional(),
      reason: z.string().optional().describe('A reason code, as `explain` names it'),
      after: z.uuid().optional().describe('The last id of the page before'),
      limit: z.int().min(1).max(100).default(20),
    }),
    run: async ({ pool, tenant }, filter) => {
      const found = await listMessages(pool, tenant, filter);
      return found.map((one) => ({ ...one, decision: undefined }));
    },
  }),
  tool({
    name: 'member',
    description:
      'One member: tier, points, consents, purchases, the latest messages. Identities are masked.',
    input: z.object({
      who: z.string().min(1).describe('A member’s id, address or number'),
      by: z.enum(memberKeys).default('any'),
    }),
    run: async (session, { who, by }) => {
      const member = await requireMember(session, { by, value: who });
      const inquiry = { tenant: session.tenant, member, actor: 'mcp' };
      return viewMember(session, inquiry, { full: false });
    },
  }),
  tool({
    name: 'check',
    description: 'Looks at every mail that templates can become, and says what is to be fixed.',
    input: z.object({
      templates: z.array(z.string()).default([]).describe('All when left out'),
      brands: z.array(z.string()).default([]),
      locales: z.array(z.string()).default([]),
    }),
    run: async ({ config, project }, asked) => {
      const report = await checkTemplates({
        ...asked,
        root: project.root,
        fixtures: project.fixtures,
        policy: project.policy,
        definitions: project.templates,
        folder: config.folder,
        log: note,
        onProgress: () => {},
      });
      const findings = report.findings.filter(({ severity }) => severity !== 'fine');
      return { ...report, findings };
    },
  }),
  tool({
    name: 'preview',
    description:
      'The mail that a persona of the fixtures would get: decision, subject, text and, if asked for, html. Nothing is sent.',
    input: z.object({
      persona: z.string(),
      template: z.string(),
      brand: z.string().optional().describe('The project’s first one when left out'),
      locale: z.string().optional(),
      data: z.record(z.string(), z.unknown()).optional().describe('The sample’s when left out'),
      html: z.boolean().default(false),
    }),
    run: async ({ project }, { persona, template, brand, locale, data, html }) => {
      const mails = await openMails({ folder: project.folder, ...(brand && { brand }) });
      try {
        const options = { ...(locale && { locale }), ...(data && { data }) };
        const { html: markup, ...mail } = await mails.to(persona, template, options);
        return html ? { ...mail, html: markup } : mail;
      } finally {
        await mails.close();
      }
    },
  }),
  tool({
    name: 'send',
    description: 'Hands a message in, as `POST /v1/messages` does.',
    writes: true,
    input: z.object({ message: z.record(z.string(), z.unknown()) }),
    run: ({ tenant, ...context }, { message }) =>
      acceptMessage(context, tenant, message, { check: checkPayload }),
  }),
  tool({
    name: 'cancel',
    description: 'Takes back a message that hasn’t begun to be sent.',
    writes: true,
    input: z.object({ id: messageId }),
    run: async (session, { id }) => {
      const found = await messageIdOf(session, checkId(id, 'message'));
      await requireMessage(session, found);
      return { id: found, cancelled: await cancelMessage(session.pool, session.tenant, found) };
    },
  }),
];
