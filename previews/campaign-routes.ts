import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';

import { CampaignChange, type CampaignReader } from './campaigns.ts';
import { badQuestion } from './entry.ts';
import { pageHeaders } from './policies.ts';

const Named = z.object({ id: z.uuid() });
const Days = z.object({ days: z.coerce.number().int().min(1).max(366).default(14) });

/** What is asked of the campaigns of the installation that mails are sent from. */
export function addCampaigns(app: FastifyInstance, campaigns: CampaignReader): void {
  app.get('/api/campaigns', async (_request, reply) =>
    reply.headers(pageHeaders).send(await campaigns.list()),
  );
  app.get('/api/campaigns/:id', async (request, reply) => {
    const asked = Named.safeParse(request.params);
    return answer(reply, asked.success ? await campaigns.one(asked.data.id) : null);
  });
  app.get('/api/campaigns/:id/outcome', async (request, reply) =>
    answer(
      reply,
      await campaigns.outcome(Named.parse(request.params).id, Days.parse(request.query).days),
    ),
  );
  app.post('/api/campaigns/:id', async (request, reply) =>
    reply
      .headers(pageHeaders)
      .send(
        await campaigns.change(Named.parse(request.params).id, CampaignChange.parse(request.body)),
      ),
  );
}

const answer = (reply: FastifyReply, found: object | null) =>
  found
    ? reply.headers(pageHeaders).send(found)
    : reply
        .code(404)
        .headers(pageHeaders)
        .send({ report: badQuestion('there is no campaign with this id') });
