import { Readable } from 'node:stream';

import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { addAudience, excludeMembers } from '../../campaign/audience.ts';
import { type Campaign, findCampaign } from '../../campaign/campaigns.ts';
import type { Data } from '../../campaign/parameters.ts';
import { type AudienceEntry, readAudience } from '../../campaign/read-audience.ts';
import { rowData } from '../../campaign/row-data.ts';
import { InvalidInput } from '../../core/errors.ts';
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

const Excluded = z.strictObject({
  received: z.int().describe('Lines read.'),
  added: z.int().describe('Members that were not excluded before.'),
});

const Query = z.strictObject({
  ignore: z
    .string()
    .optional()
    .describe('Columns that are not read, by comma: those that are no field of the template.'),
});

/** Lists of members of any size, read as they arrive. Sending a file again, whole or in parts, adds nobody twice. */
export const audienceRoutes = ({ pool, templates }: HttpContext): FastifyPluginAsyncZod => {
  const loading = async (tenant: string, params: { id: string }): Promise<Campaign> => {
    const campaign = await findCampaign(pool, tenant, idOf(params, 'campaign'));
    if (!campaign) throw notFound('campaign');
    if (campaign.state === 'loading') return campaign;
    throw new HttpError(
      409,
      'wrong-state',
      `the campaign is ${campaign.state}; its audience can’t change any more`,
    );
  };

  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser([csvType, ...ndjsonTypes], (_request, payload, done) =>
      done(null, payload),
    );
    const upload = {
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
    } as const;
    const form =
      '`text/csv` with a column `memberId`, or `application/x-ndjson` with `"m-1"` or `{"memberId":"m-1"}` a line, each of at most 64 KB';
    app.post(
      '/v1/campaigns/:id/audience',
      {
        ...upload,
        schema: {
          operationId: 'uploadAudience',
          tags: ['campaigns'],
          summary: 'Add members to a campaign that was not started yet',
          description:
            `${form}. Other columns and fields are fields of the member’s own mail, checked against the template; of a year in review they are not read. ` +
            'At a wrong line it stops and names it; the lines before are in the audience, and sending the corrected file adds the rest.',
          params: IdParams,
          querystring: Query,
          response: { 200: Uploaded, ...refusals(400, 404, 408, 409, 413, 415) },
        },
      },
      async ({ params, query, tenant, headers, body }) => {
        const campaign = await loading(tenant, params);
        const template = templates.find(({ name }) => name === campaign.template);
        if (!template) throw notFound('template');
        const { received, added } = await addAll(
          readAudience(bytesOf(body), {
            form: formOf(headers),
            strict: true,
            rowData: rowData(
              template,
              campaign.parameters,
              query.ignore?.split(',') ?? [],
              templates.find(({ name }) => name === campaign.alternative?.template),
            ),
          }),
          (memberIds, data) => addAudience(pool, campaign.id, memberIds, data),
        );
        const after = await findCampaign(pool, tenant, campaign.id);
        return { received, added, audience: after?.audienceSize ?? 0 };
      },
    );

    app.post(
      '/v1/campaigns/:id/exclusions',
      {
        ...upload,
        schema: {
          operationId: 'uploadExclusions',
          tags: ['campaigns'],
          summary: 'Keep members out of a campaign that was not started yet',
          description: `${form}; other columns and fields are not read. Whoever is in both lists gets nothing, for the reason \`excluded\`.`,
          params: IdParams,
          response: { 200: Excluded, ...refusals(400, 404, 408, 409, 413, 415) },
        },
      },
      async ({ params, tenant, headers, body }) => {
        const { id } = await loading(tenant, params);
        const lines = readAudience(bytesOf(body), { form: formOf(headers), strict: true });
        return addAll(lines, (memberIds) => excludeMembers(pool, id, memberIds));
      },
    );
  };
};

const formOf = (headers: { readonly 'content-type'?: string | undefined }) =>
  headers['content-type']?.startsWith(csvType) ? 'csv' : 'ndjson';

function bytesOf(body: unknown): AsyncGenerator<Buffer> {
  if (body instanceof Readable) return limited(keepsComing(body), bodyLimits.audience);
  throw new InvalidInput([{ path: 'body', message: 'is missing; send CSV or NDJSON' }]);
}

async function addAll(
  lines: AsyncIterable<AudienceEntry>,
  add: (memberIds: readonly string[], data: readonly (Data | null)[]) => Promise<number>,
) {
  let received = 0;
  let added = 0;
  let waiting: Extract<AudienceEntry, { memberId: string }>[] = [];
  const flush = async () => {
    if (waiting.length > 0)
      added += await add(
        waiting.map(({ memberId }) => memberId),
        waiting.map(({ data }) => data ?? null),
      );
    waiting = [];
  };
  for await (const line of lines) {
    if ('problem' in line) {
      await flush();
      throw wrongLine(line.line, line.problem);
    }
    received += 1;
    waiting.push(line);
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
