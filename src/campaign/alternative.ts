import { z } from 'zod';

import type { Brand } from '../brand/brand.ts';
import { WantedVersion } from '../contract/template-version.ts';
import type { Template } from '../contract/template.ts';
import { InvalidInput } from '../core/errors.ts';
import type { Db } from '../postgres/pool.ts';
import { pinnedVersion, whyNotPinned } from '../render/version/pinned-version.ts';
import { campaignTemplate, type Data, parametersOf } from './parameters.ts';

/** The mail that a share of a campaign's members gets instead: A/B, and this is B. */
export type Alternative = {
  readonly share: number;
  readonly template: string;
  /** Null: what is live when its turn comes. */
  readonly pinnedVersion: string | null;
};

/** Another template, or another version of the same: another subject is one. */
export const WantedAlternative = z
  .strictObject({
    share: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.5)
      .describe('Of the audience; the others get the first.'),
    template: z
      .string()
      .optional()
      .describe('Another commercial template that takes the same data.'),
    templateVersion: WantedVersion.optional().describe(
      'A published version of it, such as one with another subject.',
    ),
  })
  .refine(
    ({ template, templateVersion }) => template !== undefined || templateVersion !== undefined,
    {
      message: 'needs a template or a templateVersion',
    },
  );
export type WantedAlternative = z.output<typeof WantedAlternative>;

/** What the first mail is, and how it is made. */
type First = {
  readonly tenant: string;
  readonly brand: Brand;
  readonly template: Template;
  /** As it was asked for. */
  readonly version: string | undefined;
  readonly made: { readonly year?: number | undefined; readonly data?: Data | undefined };
  readonly now: Date;
};

/**
 * The alternative somebody asks for.
 * @throws InvalidInput where it isn't there, takes other data, or is the same as the first
 */
export async function alternativeOf(
  db: Db,
  { tenant, brand, template: first, version, made, now }: First,
  { share, template: name = first.name, templateVersion = 'live' }: WantedAlternative,
  templates: readonly Template[],
): Promise<Alternative> {
  const template = campaignTemplate(name, brand, templates, 'alternative.template');
  try {
    parametersOf(template, made, now);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    throw wrong('template', `"${name}" does not take the same: ${error.message}`);
  }
  if (name === first.name && templateVersion === (version ?? 'live'))
    throw wrong('templateVersion', `is the same as the first; there is nothing to compare`);
  return {
    share,
    template: name,
    pinnedVersion:
      templateVersion === 'live' ? null : await versionOf(db, { tenant, name }, templateVersion),
  };
}

async function versionOf(
  db: Db,
  { tenant, name }: { readonly tenant: string; readonly name: string },
  wanted: string,
): Promise<string> {
  const { rows } = await db.query<{ hash: string }>(
    `select pinned.hash from (values ($1::text, $2::text, $3::text)) as r (tenant, template, wanted)
     cross join lateral ${pinnedVersion('r.tenant', 'r.template', 'r.wanted')} as pinned`,
    [tenant, name, wanted],
  );
  if (rows[0]) return rows[0].hash;
  throw wrong('templateVersion', await whyNotPinned(db, tenant, name, wanted));
}

const wrong = (field: string, message: string) =>
  new InvalidInput([{ path: `alternative.${field}`, message }]);
