import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import type { Installation } from './installation.ts';
import { pageHeaders } from './policies.ts';
import { PublishRequest } from './protocol.ts';

/** What is asked of the installation that mails are sent from. */
export function addInstallation(app: FastifyInstance, installation: Installation): void {
  app.get('/api/live/:template', async (request, reply) =>
    reply.headers(pageHeaders).send(await installation.liveState(Named.parse(request.params).template)),
  );
  // The command's checks may take their time.
  app.post('/api/publish', async (request, reply) =>
    reply.headers(pageHeaders).send(await installation.publish(PublishRequest.parse(request.body))),
  );
}

const Named = z.object({ template: z.string().min(1).max(100) });
