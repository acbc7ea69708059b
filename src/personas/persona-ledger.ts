import { createHash, randomUUID } from 'node:crypto';

import type { Pool } from 'pg';

import type { Brand } from '../brand/brand.ts';
import type { ProfileReading } from '../contract/profile.ts';
import type { YearFigures } from '../contract/year-figures.ts';
import { dayAt } from '../core/calendar.ts';
import { InvalidInput } from '../core/errors.ts';
import { applyIn } from '../ledger/apply.ts';
import { type BrandOf, brandsOf } from '../ledger/batch.ts';
import { saveCatalogue } from '../ledger/catalogue/catalogue.ts';
import { type ExplainedYear, explainYear } from '../ledger/figures/explain-year.ts';
import { yearFigures, type YearOf } from '../ledger/figures/year-figures.ts';
import { ledgerEntries, type LedgerEntry } from '../ledger/points/entries.ts';
import { cancelledSubjects } from '../ledger/tables.ts';
import { type Db, openPool } from '../postgres/pool.ts';
import { readRows } from '../postgres/table.ts';
import { countedAfresh, findProfiles, type Found, readingOf } from '../profile/ledger.ts';
import { type SourceProblem, TemplateError } from '../render/source/problems.ts';
import type { BrandFixtures } from './fixtures.ts';
import { historiesIn, type Recipient, type ToldEvent } from './history.ts';
import { type Counted, openKeptRows } from './kept-rows.ts';
import type { Persona } from './persona.ts';
import { changedProfile } from './what-if.ts';

/** What a look-up at send time would give for a persona, on any day of the past or to come. */
export type PersonaLedger = {
  /**
   * What had happened by then has, what comes later isn't known: before she enrolled she is no member.
   * @throws TemplateError naming the line of an event that the ledger refuses
   */
  readonly readingAt: (question: Question) => Promise<ProfileReading>;
  /** The same with what samples are filled from. */
  readonly standingAt: (question: Question) => Promise<PersonaStanding>;
  /** What figures of a member are made of; null for who is no member then. */
  readonly madeOf: (question: Question) => Promise<MadeOf | null>;
  readonly close: () => Promise<void>;
};

/** How somebody is on a day, and what had happened until then. */
export type PersonaStanding = {
  readonly reading: ProfileReading;
  /** In order of time. */
  readonly past: readonly ToldEvent[];
  /** Subjects that were cancelled, and since when. */
  readonly cancelled: ReadonlyMap<string, Date>;
  /** Of the year of the last event; null for who is no member. */
  readonly figures: YearFigures | null;
};

/** Every movement of a member's points, and what the figures of the last year are made of. */
export type MadeOf = {
  readonly entries: readonly LedgerEntry[];
  readonly year: ExplainedYear | null;
};

type Question = {
  readonly brand: Brand;
  readonly fixtures: Pick<BrandFixtures, 'events' | 'catalogue'>;
  readonly persona: Pick<Persona, 'memberId' | 'email' | 'set'>;
  readonly at: Date;
};

/** What is other about her than the ledger says. */
function withOwn(reading: ProfileReading, { brand, persona, at }: Question): ProfileReading {
  if (reading.kind !== 'member' || !persona.set) return reading;
  try {
    const profile = changedProfile(reading.profile, persona.set, brand.programme, at);
    return { ...reading, profile };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const file = `fixtures/${brand.id}/personas.json`;
    throw new TemplateError(
      error.problems.map(({ path, message }) => ({
        file,
        path: `${persona.email}: set.${path}`,
        message,
      })),
    );
  }
}

type Histories = ReturnType<typeof historiesIn>;

/** Before anything has happened. */
const nobody: Counted = {
  row: {
    memberId: null,
    owner: null,
    document: null,
    sealed: null,
    ownEmail: null,
    spending: null,
  },
  cancelled: {},
  figures: null,
};

/**
 * Opens nothing yet.
 * @param scratchUrl asked for a database to apply events in, once there is something to apply
 * @param keptIn the folder that rows are kept in from one start to the next; null: they aren't
 */
export function openPersonaLedger({
  scratchUrl,
  keptIn,
  onCounting,
}: {
  readonly scratchUrl: () => Promise<string>;
  readonly keptIn: string | null;
  /** Told when counting begins, which is slow, and when nothing is counted any more. */
  readonly onCounting?: (counting: boolean) => void;
}): PersonaLedger {
  let opened: Promise<Pool> | undefined;
  const pool = () =>
    (opened ??= scratchUrl().then(
      (url) => openPool(url, { max: 1, applicationName: 'laurel-personas' }),
      (error: unknown) => {
        opened = undefined;
        throw error;
      },
    ));
  let counting = 0;
  // One after the other: waiting for a connection has a limit, waiting for one's turn has none.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(work: (pool: Pool) => Promise<Result>) => {
    const done = turn.then(async () => work(await pool()));
    turn = done.catch(() => undefined);
    return done;
  };
  const count = async (asked: Asked, until?: Date) => {
    counting += 1;
    if (counting === 1) onCounting?.(true);
    try {
      return await inTurn((db) => rowAfter(db, asked, until));
    } finally {
      counting -= 1;
      if (counting === 0) onCounting?.(false);
    }
  };
  const kept = openKeptRows(keptIn);
  const histories = new WeakMap<readonly ToldEvent[], Histories>();

  const askedOf = ({ brand, fixtures, persona, at }: Question) => {
    const { memberId, email } = persona;
    const who = memberId === null ? { email } : { memberId };
    const { events, catalogue } = fixtures;
    const historyOf = histories.get(events) ?? historiesIn(events);
    histories.set(events, historyOf);
    const past = historyOf(who).filter((told) => told.at <= at.getTime());
    const brandOf = brandsOf(new Map([[brand.id, { brand }]]));
    return { brand: brand.id, brandOf, catalogue, who, past };
  };
  const standingAt: PersonaLedger['standingAt'] = async (question) => {
    const { persona, at } = question;
    const asked = askedOf(question);
    const { brandOf, who, past } = asked;
    const key = keyOf(asked);
    const read = (found: Found) => readingOf(at, brandOf, { tenant: '', ...who }, found);
    const counted = past.length === 0 ? nobody : await kept.row(key, () => count(asked));
    const found = read(counted.row);
    // Out of date: so much has lapsed since the last event that the row doesn't list all of it.
    const reading =
      found === 'out-of-date'
        ? read((await kept.row(`${key}-${at.getTime()}`, () => count(asked, at))).row)
        : found;
    if (reading === 'out-of-date') throw new RangeError(`${persona.email} can’t be counted afresh`);
    if (reading instanceof Error) throw reading;
    const { figures } = counted;
    const cancelled = Object.entries(counted.cancelled).map(
      ([subject, since]) => [subject, new Date(since)] as const,
    );
    return { reading: withOwn(reading, question), past, cancelled: new Map(cancelled), figures };
  };
  return {
    standingAt,
    readingAt: async (question) => (await standingAt(question)).reading,
    madeOf: (question) => inTurn((db) => entriesAfter(db, askedOf(question), question.at)),
    close: async () => {
      if (opened) await (await opened).end();
    },
  };
}

type Asked = {
  readonly brand: string;
  readonly brandOf: BrandOf;
  readonly catalogue: BrandFixtures['catalogue'];
  readonly who: Recipient;
  readonly past: readonly ToldEvent[];
};

/** All that a row comes from, but for the code. */
function keyOf({ brand, brandOf, catalogue, who, past }: Asked): string {
  const hash = createHash('sha256');
  const { programme, programmes, timeZone, defaultLocale, currency } = brandOf(brand) ?? {};
  hash.update(JSON.stringify([brand, programme, programmes, timeZone, defaultLocale, currency]));
  hash.update(JSON.stringify([who, [...catalogue.products]]));
  for (const { text } of past) hash.update(text).update('\n');
  return hash.digest('hex').slice(0, 40);
}

/** What the ledger holds once it has applied these events, for a moment: nothing of it stays. */
async function applied<Result>(
  pool: Pool,
  { brand, brandOf, catalogue, who, past }: Asked,
  work: (db: Db, tenant: string, key: Key, found: Found) => Promise<Result>,
): Promise<Result> {
  const tenant = randomUUID();
  return rolledBack(pool, async (db) => {
    const products = [...catalogue.products.values()];
    await saveCatalogue(db, tenant, brand, { products, offers: [...catalogue.offers] });
    const results = await applyIn(
      db,
      tenant,
      brandOf,
      past.map(({ event }) => event),
    );
    const problems = results.flatMap((result, index): SourceProblem[] => {
      const { file = '', line = 1 } = past[index] ?? {};
      return result.kind === 'refused'
        ? result.problems.map((problem) => ({ file, line, ...problem }))
        : [];
    });
    if (problems.length > 0) throw new TemplateError(problems);
    const key = { tenant, ...who };
    const [found] = await findProfiles(db, [key]);
    if (!found) throw new RangeError('a key without a row');
    return work(db, tenant, key, found);
  });
}

type Key = Recipient & { readonly tenant: string };

const rowAfter = (pool: Pool, asked: Asked, until?: Date): Promise<Counted> =>
  applied(pool, asked, async (db, tenant, key, found) => {
    const { brandOf } = asked;
    const row = until ? await countedAfresh(db, until, brandOf, key, found) : found;
    const subjects = await readRows(db, cancelledSubjects, 'where tenant = $1', [tenant]);
    const cancelled = Object.fromEntries(
      subjects.map(({ subject, cancelledAt }) => [subject, cancelledAt]),
    );
    const { memberId } = row;
    const of = memberId === null ? null : lastYearOf(tenant, asked);
    const figures =
      of && memberId !== null
        ? ((await yearFigures(db, of, [memberId])).get(memberId) ?? null)
        : null;
    return { row, cancelled, figures };
  });

const entriesAfter = (pool: Pool, asked: Asked, at: Date): Promise<MadeOf | null> =>
  applied(pool, asked, async (db, tenant, _key, { memberId }) => {
    if (memberId === null) return null;
    const of = lastYearOf(tenant, asked);
    return {
      entries: await ledgerEntries(db, tenant, memberId, at),
      year: of && (await explainYear(db, of, memberId)),
    };
  });

/** The year in which something happened last. */
function lastYearOf(tenant: string, { brand, brandOf, past }: Asked): YearOf | null {
  const known = brandOf(brand);
  const last = past.at(-1);
  if (!known || !last) return null;
  const { timeZone, currency, defaultLocale } = known;
  const year = Number(dayAt(last.at, timeZone).slice(0, 4));
  return { tenant, brand, year, timeZone, currency, locale: defaultLocale };
}

async function rolledBack<Result>(pool: Pool, work: (db: Db) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    return await work(client);
  } finally {
    // A connection that can't even do that is not given back.
    await client.query('rollback').then(
      () => client.release(),
      () => client.release(true),
    );
  }
}
