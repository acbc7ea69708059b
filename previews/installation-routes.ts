import { createHash } from 'node:crypto';

import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';

import { addCampaigns } from './campaign-routes.ts';
import { badQuestion } from './entry.ts';
import type { Installation, SentFound, SentReader } from './installation.ts';
import { pageHeaders } from './policies.ts';
import { DryRunRequest, PublishRequest, type SentMail, type SentSide } from './protocol.ts';

/** Bytes: some million ids. */
const largestAudience = 32 * 1024 * 1024;

const Named = z.object({ template: z.string().min(1).max(100) });
const Sent = z.object({ id: z.uuid() });
const Filter = z.object({
  member: z.string().max(128).optional(),
  template: z.string().max(100).optional(),
  after: z.uuid().optional(),
});

/**
 * What is asked of the installation that mails are sent from.
 * @param keep makes html of a brand known under its hash, so that a frame can show it
 */
export function addInstallation(
  app: FastifyInstance,
  installation: Installation,
  keep: Keep,
): void {
  app.get('/api/live/:template', async (request, reply) =>
    reply
      .headers(pageHeaders)
      .send(await installation.liveState(Named.parse(request.params).template)),
  );
  // The command's checks may take their time.
  app.post('/api/publish', async (request, reply) =>
    reply.headers(pageHeaders).send(await installation.publish(PublishRequest.parse(request.body))),
  );
  app.post('/api/dry-run', { bodyLimit: largestAudience }, async (request, reply) =>
    reply.headers(pageHeaders).send(await installation.dryRun(DryRunRequest.parse(request.body))),
  );
  addCampaigns(app, installation.campaigns);
  if (installation.sent) addSent(app, installation.sent, keep);
}

function addSent(app: FastifyInstance, sent: SentReader, keep: Keep): void {
  app.get('/api/sent', async (request, reply) => {
    const { member, template, after } = Filter.parse(request.query);
    return reply.headers(pageHeaders).send(await sent.list({ memberId: member, template, after }));
  });
  app.get('/api/sent/:id', async (request, reply) => {
    const asked = Sent.safeParse(request.params);
    const found = asked.success ? await sent.one(asked.data.id) : null;
    if (!found) return unknown(reply);
    return reply.headers(pageHeaders).send(await withHashes(found, keep));
  });
}

const unknown = (reply: FastifyReply) =>
  reply
    .code(404)
    .headers(pageHeaders)
    .send({ report: badQuestion('there is no message with this id') });

type Keep = (brand: string, hash: string, html: string) => Promise<void>;

async function withHashes(found: SentFound, keep: Keep): Promise<SentMail> {
  const side = async ({ mail, ...rest }: SentFound['went']): Promise<SentSide> => {
    if (!mail) return { ...rest, mail };
    const { html, subject, text } = mail;
    const hash = createHash('sha256').update(html).digest('hex').slice(0, 32);
    await keep(found.line.brand, hash, html);
    return { ...rest, mail: { hash, subject, text } };
  };
  return { ...found, went: await side(found.went), today: await side(found.today) };
}
