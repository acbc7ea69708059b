import { useState } from 'react';

import type { CampaignOutcome, ComparedShown } from '../campaigns.ts';
import { useAnswer } from './answers.ts';
import { ChartFigure, Interval, number, percent } from './chart.tsx';
import { ErrorNotice } from './error-report.tsx';

const spans = [7, 14, 30] as const;

const names = {
  buyers: 'Bought something',
  redeemers: 'Spent points or used a coupon',
  purchasesPerMember: 'Purchases each',
  spendPerMember: 'Spent each',
  clicked: 'Clicked',
  unsubscribed: 'Unsubscribed',
  complained: 'Complained',
} as const;

/** What members did after, against those who were kept out. */
export function CampaignOutcomes({ id }: { readonly id: string }) {
  const [days, setDays] = useState<number>(14);
  const { answer, report } = useAnswer<CampaignOutcome>(
    `/api/campaigns/${encodeURIComponent(id)}/outcome?days=${days}`,
    0,
  );
  return (
    <section aria-label="What it brought about">
      <h3>What it brought about</h3>
      <div className="pair" role="group" aria-label="Within">
        {spans.map((one) => (
          <button key={one} type="button" aria-pressed={one === days} onClick={() => setDays(one)}>
            {one} days
          </button>
        ))}
      </div>
      {report && <ErrorNotice report={report} />}
      {!answer && !report && (
        <p className="quiet" role="status">
          Counting what members did …
        </p>
      )}
      {answer && <Compared outcome={answer} />}
    </section>
  );
}

type Shown = ComparedShown & { readonly difference: NonNullable<ComparedShown['difference']> };
const isKnown = (one: ComparedShown): one is Shown => one.difference !== null;

function Compared({ outcome }: { readonly outcome: CampaignOutcome }) {
  const { treated, holdout, compared, currency, days, alternatives } = outcome;
  if (treated + holdout === 0) return <p className="quiet">Nobody was written to yet.</p>;
  const known = compared.filter(isKnown);
  const sides = `${number(treated)} written to, ${number(holdout)} kept out`;
  const mails = alternatives?.compared.filter(isKnown) ?? [];
  return (
    <>
      {known.length === 0 ? (
        <p>
          <strong>Not known.</strong> {sides}: with fewer than 30 members on a side chance says more
          than the campaign. Of those written to{' '}
          {percent(compared.find(({ name }) => name === 'buyers')?.first ?? 0)} bought something
          within {days} days. A campaign made with <code>--holdout 10%</code> can be compared.
        </p>
      ) : (
        <Differences
          title={`${sides}; the difference, with 95 % confidence`}
          columns={['Written to', 'Kept out']}
          known={known}
          currency={currency}
        />
      )}
      {alternatives && (
        <>
          <h3>Its two mails</h3>
          {mails.length === 0 ? (
            <p>
              <strong>Not known yet.</strong> {mailSays('A', alternatives.a)},{' '}
              {mailSays('B', alternatives.b)}: fewer than 30 of one.
            </p>
          ) : (
            <Differences
              title={`${mailSays('A', alternatives.a)}, ${mailSays('B', alternatives.b)}; B less A, with 95 % confidence`}
              columns={['B', 'A']}
              known={mails}
              currency={currency}
            />
          )}
        </>
      )}
    </>
  );
}

const mailSays = (
  name: string,
  { template, version, sent }: NonNullable<CampaignOutcome['alternatives']>['a'],
) => `${name}: ${template}${version === null ? '' : ` ${version}`}, ${number(sent)} sent`;

type DifferencesProps = {
  readonly title: string;
  /** What the first and the second are. */
  readonly columns: readonly [string, string];
  readonly known: readonly Shown[];
  readonly currency: string;
};

function Differences({ title, columns, known, currency }: DifferencesProps) {
  const shown = (name: ComparedShown['name'], value: number) =>
    name === 'purchasesPerMember'
      ? value.toLocaleString('en', { maximumFractionDigits: 2 })
      : name === 'spendPerMember'
        ? money(value, currency)
        : percent(value);
  /** Shares differ by percentage points. */
  const differs = (name: ComparedShown['name'], value: number) =>
    shown(name, value).replace(/ %$/, ' pp');
  return (
    <ChartFigure
      title={title}
      says={known
        .map(
          ({ name, difference: { value, from, to } }) =>
            `${names[name]}: ${differs(name, value)}, between ${differs(name, from)} and ${differs(name, to)}`,
        )
        .join('; ')}
      columns={['Measure', ...columns, 'Difference', 'From', 'To']}
      rows={known.map(({ name, first, second, difference: { value, from, to } }) => [
        names[name],
        shown(name, first),
        shown(name, second),
        differs(name, value),
        differs(name, from),
        differs(name, to),
      ])}
    >
      <ul className="bars intervals">
        {known.map(({ name, difference }) => (
          <li key={name}>
            <span className="bar-name">{names[name]}</span>
            <Interval {...difference} />
            <span className="bar-figure">
              <strong>{`${difference.value > 0 ? '+' : ''}${differs(name, difference.value)}`}</strong>{' '}
              <span className="quiet">
                {difference.from > 0 || difference.to < 0 ? 'not by chance' : 'may be chance'}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </ChartFigure>
  );
}

/** Minor units as people read them; rounded to a whole one. */
function money(minor: number, currency: string): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
