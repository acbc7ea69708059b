import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Source } from './source.ts';

/** Who the source under test has to know, under ids that try how it writes and compares them. */
export const people: readonly { readonly memberId: string; readonly points: number }[] = [
  { memberId: 'ana', points: 120 },
  { memberId: 'ben', points: 0 },
  { memberId: 'O’Neil & Söhne/1?x=#2', points: 7 },
  { memberId: "x' or '1'='1", points: 31 },
  ...Array.from({ length: 60 }, (_, n) => ({ memberId: `m-${n}`, points: n })),
];

export type UnderTest = {
  readonly source: Source;
  /** Whose a record is and how many points it tells, as the source itself writes them. */
  readonly read: (record: unknown) => { readonly memberId: unknown; readonly points: unknown };
  /** Makes it fail from now on. */
  readonly fail: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** What every profile source has to keep. */
export function sourceContract(name: string, open: () => Promise<UnderTest>): void {
  describe(`${name}, as every profile source`, () => {
    let under: UnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());
    const ask = async (key: string) => {
      const told = await under.source.ask(key, AbortSignal.timeout(2_000));
      return told && under.read(told.record);
    };

    it('tells of everybody what is hers, however many ask at once', async () => {
      const told = await Promise.all(people.map(({ memberId }) => ask(memberId)));
      expect(told.map((one) => [one?.memberId, Number(one?.points)])).toEqual(
        people.map(({ memberId, points }) => [memberId, points]),
      );
    });

    it('has nothing of somebody it does not know, nor of what only looks like a key', async () => {
      for (const key of ['nobody', 'ANA', 'ana ', 'ana%', '*', '../ana', '.', '..', '{}', "'"])
        expect([key, await ask(key)]).toEqual([key, null]);
    });

    it('says in a few words that it answers', async () => {
      expect(await under.source.check()).toMatch(/^.{5,200}$/);
    });

    it('fails in time, and says nothing of anybody, when it can’t answer', async () => {
      await under.fail();
      const failure: unknown = await ask('ana').catch((error: unknown) => error);
      expect(failure).toMatchObject({ name: 'SourceFault', state: 'down' });
      expect(String(failure)).not.toMatch(/ana|120/);
    });
  });
}
