import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { VersionPrefix } from '../../contract/template-version.ts';
import { transaction } from '../../postgres/pool.ts';
import {
  listVersions,
  liveVersions,
  pointingsOf,
  useNamed,
} from '../../render/version/template-versions.ts';
import type { HttpContext } from '../context.ts';
import { notFound } from '../errors.ts';
import { documented, refusals } from '../openapi.ts';

const hash = '881c078408364f1e9b2a7c53d0e6f8a1b4c2d3e5f60718293a4b5c6d7e8f9012';

const LiveTemplate = z.strictObject({
  template: z.string(),
  live: z.string().nullable().describe('The version that is live; null: the templates folder.'),
  since: z.date().nullable().describe('Null where it has always been the folder.'),
  versions: z.int().describe('Published ones that are still there.'),
});
const Version = z.strictObject({
  hash: z.string(),
  publishedAt: z.date(),
  by: z.string(),
  note: z.string().nullable(),
  overlooked: z.int().describe('Errors of its checks that it was published with.'),
  liveSince: z.date().nullable().describe('Null where it isn’t live.'),
  waiting: z.int().describe('Messages that keep it and aren’t sent.'),
});
const Pointing = z.strictObject({
  hash: z.string().nullable(),
  how: z.enum(['publish', 'use', 'rollback']),
  at: z.date(),
  by: z.string(),
  why: z.string().nullable(),
});
const Wanted = z.strictObject({
  version: z
    .union([z.enum(['folder', 'before']), VersionPrefix])
    .describe(
      'A hash, or so much of it that there is only one such version; `before`: what was live before; `folder`: the templates folder.',
    ),
  why: z.string().min(1).max(500).optional().describe('For the history.'),
});
documented.add(LiveTemplate, { id: 'LiveTemplate' });
documented.add(Version, { id: 'TemplateVersion' });
documented.add(Pointing, { id: 'TemplatePointing' });
documented.add(Wanted, {
  id: 'WantedVersion',
  examples: [{ version: hash.slice(0, 12), why: 'VAT line wrong for Austria' }],
});

const params = z.strictObject({ template: z.string() });

/** Versions of templates: which there are, which is live, and pointing at another. They are published at the command line. */
export const templateRoutes =
  ({ pool, templates }: HttpContext): FastifyPluginAsyncZod =>
  async (app) => {
    const shared = { tags: ['templates'] };
    const names = templates.map(({ name }) => name);
    const known = ({ template }: z.infer<typeof params>) => {
      if (!names.includes(template)) throw notFound('template');
      return template;
    };

    app.get(
      '/v1/templates',
      {
        config: { access: 'read' },
        schema: {
          ...shared,
          operationId: 'listTemplates',
          summary: 'Every template, and what is live of it',
          response: { 200: z.strictObject({ templates: z.array(LiveTemplate) }), ...refusals() },
        },
      },
      async ({ tenant }) => {
        const [live, versions] = await Promise.all([
          liveVersions(pool, tenant),
          listVersions(pool, tenant, null),
        ]);
        return {
          templates: names.map((template) => {
            const now = live.find((one) => one.template === template);
            return {
              template,
              live: now?.hash ?? null,
              since: now?.since ?? null,
              versions: versions.filter((one) => one.template === template).length,
            };
          }),
        };
      },
    );

    app.get(
      '/v1/templates/:template/versions',
      {
        config: { access: 'read' },
        schema: {
          ...shared,
          operationId: 'listTemplateVersions',
          summary: 'Published versions of a template, the newest first, and what was live when',
          params,
          response: {
            200: z.strictObject({ versions: z.array(Version), history: z.array(Pointing) }),
            ...refusals(404),
          },
        },
      },
      async ({ params: named, tenant }) => {
        const template = known(named);
        const versions = await listVersions(pool, tenant, template);
        const history = await pointingsOf(pool, tenant, template);
        return {
          versions: versions.map(
            ({ hash: version, publishedAt, by, note, overlooked, liveSince, waiting }) => ({
              hash: version,
              publishedAt,
              by,
              note,
              overlooked,
              liveSince,
              waiting,
            }),
          ),
          history: [...history],
        };
      },
    );

    app.put(
      '/v1/templates/:template/live',
      {
        config: { access: 'manage' },
        schema: {
          ...shared,
          operationId: 'useTemplateVersion',
          summary: 'Make a published version live, from the next message on',
          params,
          body: Wanted,
          response: { 200: z.strictObject({ live: z.string().nullable() }), ...refusals(400, 404) },
        },
      },
      async ({ params: named, body, tenant, keyPrefix, log }) => {
        const template = known(named);
        const by = { by: keyPrefix === '' ? 'the API' : `key ${keyPrefix}`, why: body.why ?? null };
        const live = await transaction(pool, (db) =>
          useNamed(db, tenant, template, { ...by, version: body.version }),
        );
        log.info({ template, live }, 'pointed');
        return { live };
      },
    );
  };
