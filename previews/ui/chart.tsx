import type { ReactNode } from 'react';

/** Its meaning, which a colour repeats and a word always says. */
export type Tone = 'good' | 'quiet' | 'warn' | 'bad' | 'plain';

type Bar = {
  readonly name: string;
  readonly count: number;
  /** From 0 to 1; null where there is nothing it could be a part of. */
  readonly share: number | null;
  readonly tone: Tone;
};

type FigureProps = {
  readonly title: string;
  /** What all of it comes to, in a sentence, for whoever doesn't see it. */
  readonly says: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly children: ReactNode;
};

/** A chart, and the table it is drawn from. */
export function ChartFigure({ title, says, columns, rows, children }: FigureProps) {
  return (
    <figure className="chart">
      <figcaption className="small-title">{title}</figcaption>
      <div role="img" aria-label={says}>
        {children}
      </div>
      <details>
        <summary>As a table</summary>
        <div className="chart-table" tabIndex={0} role="region" aria-label={`${title}, as a table`}>
          <table>
            <thead>
              <tr>
                {columns.map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(([name = '', ...cells]) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  {cells.map((cell, index) => (
                    <td key={columns[index + 1]}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

export const number = (n: number) => n.toLocaleString('en');
export const percent = (share: number | null) =>
  share === null
    ? '–'
    : `${(share * 100).toLocaleString('en', { maximumFractionDigits: share !== 0 && Math.abs(share) < 0.01 ? 2 : 1 })} %`;

/** Parts of a whole, in one bar. */
export function WholeBar({ bars }: { readonly bars: readonly Bar[] }) {
  const some = bars.filter(({ count }) => count > 0);
  const starts = some.map((_, at) =>
    some.slice(0, at).reduce((sum, { share }) => sum + (share ?? 0), 0),
  );
  return (
    <>
      <svg className="whole-bar" viewBox="0 0 100 6" preserveAspectRatio="none">
        <rect className="bar-ground" width="100" height="6" />
        {some.map(({ name, share, tone }, at) => (
          <rect
            key={name}
            className={`tone-${tone}`}
            x={(starts[at] ?? 0) * 100}
            width={(share ?? 0) * 100}
            height="6"
          />
        ))}
      </svg>
      <ul className="legend">
        {some.map(({ name, count, share, tone }) => (
          <li key={name}>
            <span className={`tone-mark tone-${tone}`} />
            {name} <strong>{number(count)}</strong> <span className="quiet">{percent(share)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** A bar each, all of one scale: the longest is as wide as there is room. */
export function Bars({ bars }: { readonly bars: readonly Bar[] }) {
  const longest = Math.max(...bars.map(({ share }) => share ?? 0), 1e-9);
  return (
    <ul className="bars">
      {bars.map(({ name, count, share, tone }) => (
        <li key={name}>
          <span className="bar-name">{name}</span>
          <svg viewBox="0 0 100 6" preserveAspectRatio="none">
            <rect className="bar-ground" width="100" height="6" />
            <rect className={`tone-${tone}`} width={((share ?? 0) / longest) * 100} height="6" />
          </svg>
          <span className="bar-figure">
            <strong>{number(count)}</strong> <span className="quiet">{percent(share)}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

type IntervalProps = { readonly value: number; readonly from: number; readonly to: number };

/** A difference and the bounds within which it lies; where they leave nothing out, nothing is known. */
export function Interval({ value, from, to }: IntervalProps) {
  const most = Math.max(Math.abs(from), Math.abs(to), 1e-9) * 1.15;
  const x = (at: number) => 50 + (at / most) * 50;
  const sure = from > 0 || to < 0;
  const tone = !sure ? 'quiet' : value > 0 ? 'good' : 'bad';
  return (
    <svg className="interval" viewBox="0 0 100 20" preserveAspectRatio="none">
      <line className="zero" x1="50" x2="50" y1="0" y2="20" />
      <line className={`whisker tone-${tone}`} x1={x(from)} x2={x(to)} y1="10" y2="10" />
      <line className={`whisker tone-${tone}`} x1={x(from)} x2={x(from)} y1="5" y2="15" />
      <line className={`whisker tone-${tone}`} x1={x(to)} x2={x(to)} y1="5" y2="15" />
      <line className={`point tone-${tone}`} x1={x(value)} x2={x(value)} y1="4" y2="16" />
    </svg>
  );
}
