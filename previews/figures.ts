import type { Decision } from '../src/contract/decision.ts';
import type { Fact } from '../src/contract/fact-text.ts';
import { moneyText } from '../src/core/money.ts';
import type { MadeOf } from '../src/personas/persona-ledger.ts';
import type { Account, MailFigure, MailFigures } from './protocol.ts';
import type { Words } from './words.ts';

/** Which balance of the ledger a figure of a mail is, by the name that views give it. */
const balances = {
  activePoints: 'active',
  usablePoints: 'active',
  pendingPoints: 'pending',
  lockedPoints: 'locked',
} as const;
type Balance = (typeof balances)[keyof typeof balances];

const isBalance = (name: string): name is keyof typeof balances => name in balances;

const titles: Readonly<Record<Balance, string>> = {
  active: 'Every movement that changed what can be used',
  pending: 'Every movement that changed what is pending',
  locked: 'Every movement that changed what is set aside',
};

const kinds: Readonly<Record<LedgerEntry['kind'], string>> = {
  earn: 'earned',
  activate: 'became usable',
  spend: 'spent',
  expire: 'lapsed',
  reverse: 'taken back',
  adjust: 'adjusted',
  lock: 'set aside',
  release: 'given back',
};

type LedgerEntry = MadeOf['entries'][number];
type ExplainedYear = NonNullable<MadeOf['year']>;

/**
 * Every figure that a mail says of its member, by block, and the ledger entries it is made of, where it is made of some.
 * @param made null for who is no member
 */
export function figuresOf(decision: Decision, made: MadeOf | null, names: Words): MailFigures {
  const accounts = new Map<string, Account>();
  const figures = Object.entries(decision.basis.said?.blocks ?? {}).flatMap(([block, said]) =>
    leavesOf(said, []).map(({ path, value }): MailFigure => {
      const account = made && accountOf(path, made, names);
      if (account) accounts.set(account.id, account);
      return {
        card: `block:${block}`,
        label: labelOf(path),
        value: textOf(value),
        account: account?.id ?? null,
        adds: account !== null && typeof value === 'number' && account.sum === String(value),
      };
    }),
  );
  return { figures, accounts: [...accounts.values()] };
}

type Leaf = { readonly path: readonly string[]; readonly value: Fact };

/** Numbers and amounts, wherever they stand. */
function leavesOf(fact: Fact, path: readonly string[]): Leaf[] {
  if (typeof fact === 'number') return [{ path, value: fact }];
  if (typeof fact !== 'object' || fact === null || isList(fact)) return [];
  if (isAmount(fact)) return [{ path, value: fact }];
  return Object.entries(fact).flatMap(([name, inner]) => leavesOf(inner, [...path, name]));
}

const isList = (fact: Fact): fact is readonly Fact[] => Array.isArray(fact);

type Amount = { readonly amount: number; readonly currency: string };
const isAmount = (fact: Fact): fact is Amount =>
  typeof fact === 'object' &&
  fact !== null &&
  !isList(fact) &&
  typeof fact['amount'] === 'number' &&
  typeof fact['currency'] === 'string';

const textOf = (value: Fact) =>
  isAmount(value) ? moneyText(value) : typeof value === 'number' ? value.toLocaleString('en') : '';

/** `next.pointsToGo` → "Next: points to go"; of a year's figures the name alone. */
function labelOf(path: readonly string[]): string {
  const words = path
    .filter((name) => name !== 'figures')
    .map((name) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`))
    .join(': ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function accountOf(path: readonly string[], made: MadeOf, names: Words): Account | null {
  const name = path.at(-1) ?? '';
  if (isBalance(name)) return balanceAccount(balances[name], made.entries, names);
  const [of, year] = [path[0] === 'figures' ? path[1] : undefined, made.year];
  return of === undefined || !year ? null : yearAccount(of, year, names);
}

function balanceAccount(balance: Balance, entries: readonly LedgerEntry[], names: Words): Account {
  let before = 0;
  const rows: string[][] = [];
  for (const { at, kind, ref, reason, event, balances: after } of entries) {
    const change = after[balance] - before;
    before = after[balance];
    if (change === 0) continue;
    const what = [kinds[kind], event?.type, reason, ref];
    rows.push([
      names.day(at.toISOString()),
      what.filter((one) => one !== null && one !== undefined).join(' · '),
      signed(change),
      after[balance].toLocaleString('en'),
    ]);
  }
  return {
    id: balance,
    title: titles[balance],
    how: 'The sum of the changes.',
    columns: ['Day', 'What', 'Change', 'After it'],
    rows,
    sum: String(before),
  };
}

const signed = (points: number) =>
  `${points > 0 ? '+' : '−'}${Math.abs(points).toLocaleString('en')}`;

function yearAccount(name: string, { figures, made }: ExplainedYear, names: Words): Account | null {
  const one = made.find((some) => some.figures.some((figure) => figure === name));
  if (!one) return null;
  const [first] = one.rows;
  const columns = Object.keys(first ?? {});
  const value = Object.entries(figures).find(([key]) => key === name)?.[1];
  return {
    id: `year:${one.figures[0] ?? name}`,
    title: `Of ${figures.year}`,
    how: one.how,
    columns,
    rows: one.rows.map((row) => columns.map((column) => cellOf(row[column], names))),
    sum: typeof value === 'number' ? String(value) : null,
  };
}

const cellOf = (value: unknown, names: Words): string =>
  value instanceof Date
    ? names.day(value.toISOString())
    : value === null || value === undefined
      ? ''
      : typeof value === 'number'
        ? value.toLocaleString('en')
        : typeof value === 'string'
          ? value
          : JSON.stringify(value);
