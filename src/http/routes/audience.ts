import { Readable } from 'node:stream';

import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { addAudience, findCampaign } from '../../campaign/campaigns.ts';
import { type AudienceEntry, readAudience } from '../../campaign/read-audience.ts';
import { InvalidInput } from '../../core/errors.ts';
import type { Db } from '../../postgres/pool.ts';
import { wrongLine } from '../../table/row.ts';
import { bodyLimits, ndjsonTypes } from '../bodies.ts';
import type { HttpContext } from '../context.ts';
import { keepsComing } from '../deadline.ts';
import { HttpError, notFound } from '../errors.ts';
import { refusals } from '../openapi.ts';
import { idOf, IdParams } from '../requests.ts';

const csvType = 'text/csv';
/** Members stored in one statement. */
const chunk = 5_000;
const hour = 3_600_000;

const Uploaded = z.strictObject({
  received: z.int().describe('Lines read.'),
  added: z.int().describe('Members that were not in the audience before.'),
  audience: z.int().describe('Members in it now.'),
});

/** An audience of any size, read as it arrives. Sending a file again, whole or in parts, adds nobody twice. */
export const audienceRoutes =
  ({ pool }: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser([csvType, ...ndjsonTypes], (_request, payload, done) =>
      done(null, payload),
    );
    app.post(
      '/v1/campaigns/:id/audience',
      {
        config: {
          access: 'manage',
          timesOwnBody: true,
          textBodies: {
            [csvType]: 'memberId\nm-1001\nm-1002\n',
            'application/x-ndjson': '"m-1001"\n{"memberId":"m-1002"}\n',
          },
        },
        bodyLimit: bodyLimits.audience,
        handlerTimeout: hour,
        schema: {
          operationId: 'uploadAudience',
          tags: ['campaigns'],
          summary: 'Add members to a campaign that was not started yet',
          description:
            '`text/csv` with a column `memberId`, or `application/x-ndjson` with `"m-1"` or `{"memberId":"m-1"}` a line, each of at most 64 KB; other columns and fields are not read. ' +
            'At a wrong line it stops and names it; the lines before are in the audience, and sending the corrected file adds the rest.',
          params: IdParams,
          response: { 200: Uploaded, ...refusals(400, 404, 408, 409, 413, 415) },
        },
      },
      async ({ params, tenant, headers, body }) => {
        const id = idOf(params, 'campaign');
        const campaign = await findCampaign(pool, tenant, id);
        if (!campaign) throw notFound('campaign');
        if (campaign.state !== 'loading') {
          throw new HttpError(
            409,
            'wrong-state',
            `the campaign is ${campaign.state}; its audience can’t change any more`,
          );
        }
        if (!(body instanceof Readable)) {
          throw new InvalidInput([{ path: 'body', message: 'is missing; send CSV or NDJSON' }]);
        }
        const lines = readAudience(limited(keepsComing(body), bodyLimits.audience), {
          form: headers['content-type']?.startsWith(csvType) ? 'csv' : 'ndjson',
          strict: true,
        });
        const { received, added } = await addAll(pool, id, lines);
        const after = await findCampaign(pool, tenant, id);
        return { received, added, audience: after?.audienceSize ?? 0 };
      },
    );
  };

async function addAll(db: Db, id: string, lines: AsyncIterable<AudienceEntry>) {
  let received = 0;
  let added = 0;
  let waiting: string[] = [];
  const flush = async () => {
    if (waiting.length > 0) added += await addAudience(db, id, waiting);
    waiting = [];
  };
  for await (const line of lines) {
    if ('problem' in line) {
      await flush();
      throw wrongLine(line.line, line.problem);
    }
    received += 1;
    waiting.push(line.memberId);
    if (waiting.length >= chunk) await flush();
  }
  await flush();
  return { received, added };
}

async function* limited(chunks: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const part of chunks) {
    bytes += part.length;
    if (bytes > limit) {
      throw new HttpError(413, 'too-large', 'the file is larger than 512 MB; send it in parts');
    }
    yield part;
  }
}
