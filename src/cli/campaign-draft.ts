import type { Campaign } from '../campaign/campaigns.ts';
import { type Chosen, chosenOf } from '../campaign/chosen.ts';
import { campaignTemplate, parametersOf } from '../campaign/parameters.ts';
import { rowData } from '../campaign/row-data.ts';
import { checkAudience } from './audience.ts';
import { chosenBrand } from './brand-option.ts';
import { type CreateOptions, dataOf, usage, yearOf } from './campaign-options.ts';
import { UsageError } from './failure.ts';
import { inBatches } from './input.ts';
import type { BrandsSession } from './session.ts';

/** What a campaign that isn't stored is made of, as it is typed. */
export type DraftOptions = Pick<CreateOptions, 'year' | 'data' | 'column' | 'ignore' | 'brand'> & {
  readonly audience?: string;
};

/** No campaign's, and the same each time: a sample is drawn by it. */
const draftId = '00000000-0000-7000-8000-000000000000';

/** Members a statement. */
const chunk = 1_000;

/**
 * A campaign as it would be made, and whom it would be made for; nothing is stored.
 * @throws UsageError for what was typed, PermanentError for lines of the audience that are wrong
 */
export async function draftCampaign(
  name: string,
  options: DraftOptions,
  session: BrandsSession,
): Promise<{
  readonly campaign: Campaign;
  readonly audience: AsyncIterable<readonly Chosen[]>;
  readonly close: () => Promise<void>;
}> {
  const { pool, tenant, now } = session;
  const brand = chosenBrand(options.brand, session);
  const template = usage(() => campaignTemplate(name, brand, session.templates));
  const data = await dataOf(options.data);
  const year = options.year === undefined ? undefined : yearOf(options.year);
  const parameters = usage(() => parametersOf(template, { year, data }, now()));
  if (options.audience === undefined)
    throw new UsageError('--audience is needed: nobody was chosen');
  const file = await checkAudience(options.audience, {
    column: options.column,
    rowData: rowData(template, parameters, options.ignore?.split(',') ?? []),
  });
  const campaign: Campaign = {
    id: draftId,
    tenant,
    brand: brand.id,
    template: template.name,
    parameters,
    pinnedVersion: null,
    group: null,
    segments: [],
    excludedSegments: [],
    holdout: 0,
    pilot: null,
    pilotState: null,
    gate: null,
    alternative: null,
    timing: null,
    segmentsRead: 0,
    segmentCursor: '',
    state: 'loading',
    audienceSize: file.entries,
    cursor: 0,
    createdAt: now(),
    finishedAt: null,
  };
  async function* audience() {
    const seen = new Set<string>();
    for await (const some of inBatches(file.members(), chunk)) {
      const people = await chosenOf(pool, tenant, some);
      yield people.filter(({ memberId }) => !seen.has(memberId));
      for (const { memberId } of people) seen.add(memberId);
    }
  }
  return { campaign, audience: audience(), close: file.close };
}
