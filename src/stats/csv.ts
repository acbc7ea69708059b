import { csvOf } from '../table/write-csv.ts';
import type { After } from './after.ts';
import { figureNames, figures } from './figures.ts';
import type { Stats, StatsLine } from './read.ts';

const share = (count: number, base: number) => (base === 0 ? null : count / base);

/** A line for each template, trigger or campaign; a column for each figure, its share, and each reason there is. */
export function statsCsv(
  { by, since, before }: Stats,
  lines: readonly (StatsLine & { readonly after: After | null })[],
): string {
  const reasons = [
    ...new Set(
      lines.flatMap((line) =>
        Object.entries(line.figures.reasons).flatMap(([state, those]) =>
          Object.keys(those).map((reason) => `${state}: ${reason}`),
        ),
      ),
    ),
  ].toSorted();
  const after = lines.some((line) => line.after !== null);
  return csvOf(
    [
      'since',
      'before',
      'brand',
      by,
      ...(by === 'template' ? [] : ['template']),
      'accepted',
      ...figureNames,
      ...figureNames.map((name) => `${name} of ${figures[name].of}`),
      ...reasons,
      ...(after ? ['days', 'redeemed of sent', 'bought of sent'] : []),
    ],
    lines.map((line) => [
      since.toISOString(),
      before.toISOString(),
      line.brand,
      line.name,
      ...(by === 'template' ? [] : [line.template]),
      line.figures.accepted,
      ...figureNames.map((name) => line.figures[name].count),
      ...figureNames.map((name) => line.figures[name].share),
      ...reasons.map((one) => {
        const [state = '', reason = ''] = one.split(': ');
        return line.figures.reasons[state]?.[reason] ?? 0;
      }),
      ...(after
        ? [
            line.after?.days ?? null,
            share(line.after?.redeemed ?? 0, line.after?.mails ?? 0),
            share(line.after?.bought ?? 0, line.after?.mails ?? 0),
          ]
        : []),
    ]),
  );
}
