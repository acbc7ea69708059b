import { dataProblems } from '../contract/data-limits.ts';
import type { Template } from '../contract/template.ts';
import { InvalidInput } from '../core/errors.ts';
import { wrongLine } from '../table/row.ts';
import { fieldsOf, setField, valueOf } from './fields.ts';
import { type CampaignParameters, type Data, problemsIn } from './parameters.ts';

/** What the columns of an audience beside the member id are. */
export type RowData = {
  /** @throws InvalidInput naming columns that are no field of the template */
  readonly checkColumns: (columns: readonly string[]) => void;
  /**
   * What a row says beside the member: its own fields, or what is wrong with the mail they would make.
   * @param form cells of CSV are texts, and read as what their field wants
   */
  readonly read: (
    row: Readonly<Record<string, unknown>>,
    form: 'cells' | 'json',
  ) => { readonly data: Data | null } | { readonly problem: string };
};

/** Nothing: the campaign's messages are made from the ledger, and other columns are nobody's business. */
const ignored: RowData = { checkColumns: () => {}, read: () => ({ data: null }) };

/**
 * How rows of an audience become data of a campaign's messages.
 * @param ignore columns that are not to be read
 * @param also the alternative's template, which gets the same
 */
export function rowData(
  template: Template,
  parameters: CampaignParameters,
  ignore: readonly string[] = [],
  also: Template = template,
): RowData {
  if ('year' in parameters) return ignored;
  const { data: common } = parameters;
  const fields = fieldsOf(template.schema);
  const left = new Set(ignore);
  const isRead = (name: string) => !left.has(name);
  const unknown = (names: readonly string[]) =>
    names.filter((name) => isRead(name) && !fields.has(name));
  const problemIn = (data: Data) =>
    problemOf(template, data) ?? (also === template ? null : problemOf(also, data));
  const commonProblem = problemIn(common);

  return {
    checkColumns: (columns) => {
      const strange = unknown(columns);
      if (strange.length > 0) throw wrongLine(1, strangeText(template, strange, fields));
      const twice = columns.find((one, at) => isRead(one) && columns.indexOf(one) !== at);
      if (twice !== undefined) throw wrongLine(1, `has "${twice}" twice; rename one of them`);
    },
    read: (row, form) => {
      const own = Object.entries(row).filter(
        ([name, value]) => isRead(name) && (form === 'json' || value !== ''),
      );
      if (own.length === 0)
        return commonProblem === null ? { data: null } : { problem: commonProblem };
      const strange = unknown(own.map(([name]) => name));
      if (strange.length > 0) return { problem: strangeText(template, strange, fields) };
      const whole: Record<string, unknown> = { ...common };
      for (const [name, value] of own) {
        const text = form === 'cells' && typeof value === 'string';
        setField(whole, name, text ? valueOf(fields.get(name) ?? [], value) : value);
      }
      const problem = problemIn(whole);
      if (problem !== null) return { problem };
      const names = new Set(own.map(([name]) => name.split('.')[0] ?? name));
      return { data: Object.fromEntries([...names].map((name) => [name, whole[name]])) };
    },
  };
}

/** @throws InvalidInput where members without fields of their own would get a mail that lacks some */
export function requireWhole(template: Template, parameters: CampaignParameters): void {
  if ('year' in parameters) return;
  const problems = problemsIn(template, parameters.data, 'whole');
  if (problems.length > 0) throw new InvalidInput(problems);
}

function problemOf(template: Template, data: Data): string | null {
  const problems = [...dataProblems(data), ...problemsIn(template, data, 'whole')];
  return problems.length === 0
    ? null
    : problems.map(({ path, message }) => `${path} ${message}`).join('; ');
}

function strangeText(
  { name }: Template,
  strange: readonly string[],
  fields: ReadonlyMap<string, unknown>,
): string {
  const listed = strange.map((one) => `"${one}"`).join(', ');
  const known = [...fields.keys()].join(', ');
  return `${listed} ${strange.length > 1 ? 'are no fields' : 'is no field'} of "${name}", which has ${known}; leave out or ignore what the mail doesn’t need`;
}
