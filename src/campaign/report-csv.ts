import { figureNames } from '../stats/figures.ts';
import { csvOf } from '../table/write-csv.ts';
import type { Alternatives } from './compare-alternatives.ts';
import type { Report } from './report.ts';

const compared = ['buyers', 'purchasesPerMember', 'spendPerMember', 'redeemers'] as const;

/** A report as a table for a spreadsheet: a line for each figure, with what it is a part of. */
export const reportCsv = ({
  mails,
  treated,
  holdout,
  difference,
  days,
  alternatives,
}: Report): string =>
  csvOf(
    ['figure', 'count', 'base', 'base is', 'share'],
    [
      ['accepted', mails.accepted, null, null, null],
      ...figureNames.map((name) => {
        const { count, base, of, share } = mails[name];
        return [name, count, base, of, share] as const;
      }),
      ...Object.entries(mails.reasons).flatMap(([state, reasons]) =>
        Object.entries(reasons).map(
          ([reason, n]) =>
            [
              `${state}: ${reason}`,
              n,
              mails.accepted,
              'accepted',
              mails.accepted === 0 ? null : n / mails.accepted,
            ] as const,
        ),
      ),
    ],
  ) +
  '\r\n' +
  csvOf(
    [`within ${days} days`, 'written to', 'kept out', 'difference', '95 % from', '95 % to'],
    [
      ['members', treated.members, holdout.members, null, null, null],
      ...compared.map(
        (name) =>
          [
            name,
            treated[name],
            holdout[name],
            difference[name]?.value ?? null,
            difference[name]?.from ?? null,
            difference[name]?.to ?? null,
          ] as const,
      ),
    ],
  ) +
  (alternatives ? `\r\n${alternativesCsv(alternatives)}` : '');

const told = ['delivered', 'clicked', 'unsubscribed', 'complained', 'hardBounced'] as const;

const alternativesCsv = ({ a, b, difference }: Alternatives): string =>
  csvOf(
    ['its two mails', 'A', 'B', 'B less A', '95 % from', '95 % to'],
    [
      ['template', a.template, b.template, null, null, null],
      ['version', a.pinnedVersion, b.pinnedVersion, null, null, null],
      ['sent', a.sent, b.sent, null, null, null],
      ...[...told, ...compared].map(
        (name) =>
          [
            name,
            a[name],
            b[name],
            difference[name]?.value ?? null,
            difference[name]?.from ?? null,
            difference[name]?.to ?? null,
          ] as const,
      ),
    ],
  );
