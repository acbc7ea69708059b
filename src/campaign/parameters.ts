import type { Brand } from '../brand/brand.ts';
import { dataProblems } from '../contract/data-limits.ts';
import { isFor, type Template } from '../contract/template.ts';
import { InvalidInput, type Problem } from '../core/errors.ts';
import { problemsOf } from '../core/problems.ts';
import { fieldsOf } from './fields.ts';

export type Data = Readonly<Record<string, unknown>>;

/** What a campaign's messages are made from: the year whose figures are frozen in each, or fields that are the same for all. */
export type CampaignParameters = { readonly year: number } | { readonly data: Data };

/** What somebody wants sent, as they said it. */
type Wanted = {
  readonly year?: number | undefined;
  readonly data?: Data | undefined;
};

/** The commercial templates a brand has. */
const campaignTemplates = (brand: Pick<Brand, 'id' | 'trades'>, templates: readonly Template[]) =>
  templates.filter((one) => isFor(one, brand) && one.class === 'commercial');

/**
 * The template a campaign is to be of.
 * @param field what it is called where it was named
 * @throws InvalidInput where the brand hasn't got it, or it is none to sell with
 */
export function campaignTemplate(
  name: string,
  brand: Pick<Brand, 'id' | 'trades'>,
  templates: readonly Template[],
  field = 'template',
): Template {
  const theirs = campaignTemplates(brand, templates);
  const found = theirs.find((one) => one.name === name);
  if (found) return found;
  const names = theirs.map((one) => one.name).join(', ');
  const transactional = templates.some((one) => one.name === name && isFor(one, brand));
  const message = transactional
    ? `"${name}" is transactional, and a campaign needs a commercial one; "${brand.id}" has ${names}`
    : `"${brand.id}" has no "${name}"; it has ${names}`;
  throw new InvalidInput([{ path: field, message }]);
}

/** Whether a template tells of a year, counted for each member when their message is made. */
const tellsOfYear = ({ schema }: Template): boolean => fieldsOf(schema).has('figures');

/**
 * Checks what a campaign of a template is made from, as far as it doesn't wait for fields of its members.
 * @throws InvalidInput naming each wrong field
 */
export function parametersOf(template: Template, wanted: Wanted, now: Date): CampaignParameters {
  const { year, data } = wanted;
  if (tellsOfYear(template)) {
    if (data !== undefined)
      throw wrong('data', `"${template.name}" counts its figures itself; say the year alone`);
    return { year: checkYear(year, now) };
  }
  if (year !== undefined) throw wrong('year', `"${template.name}" is about no year`);
  const given = data ?? {};
  const problems = [...dataProblems(given), ...problemsIn(template, given, 'so far')];
  if (problems.length > 0) throw new InvalidInput(problems);
  return { data: given };
}

/**
 * What is wrong with a message's data.
 * @param as `so far`: further fields may come with the members, so that none is missing yet
 */
export function problemsIn({ schema }: Template, data: Data, as: 'whole' | 'so far'): Problem[] {
  const parsed = schema.safeParse(data, { reportInput: true });
  if (parsed.success) return [];
  const issues =
    as === 'whole'
      ? parsed.error.issues
      : parsed.error.issues.filter(
          ({ path: [field] }) => field === undefined || String(field) in data,
        );
  return problemsOf({ issues }, ['data']);
}

const wrong = (path: string, message: string) => new InvalidInput([{ path, message }]);

/** The years a review can be made of: past ones and the running one. */
function checkYear(year: number | undefined, now: Date): number {
  if (year !== undefined && Number.isInteger(year) && year >= 2000 && year <= now.getUTCFullYear())
    return year;
  throw wrong('year', `must be a year from 2000 to ${now.getUTCFullYear()}`);
}
