import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ana, brand } from '../../test/facts.ts';
import { json, type SourceServer, startSourceServer } from '../../test/source-server.ts';
import type { ProfileReading } from '../contract/profile.ts';
import { batch } from '../core/micro-batch.ts';
import { composer, type OpenSource } from './composer.ts';
import type { ProfileKey } from './ledger.ts';
import { unlessNotKnown } from './not-known.ts';
import { SourceFault } from './sources/fault.ts';
import { parseSources } from './sources/parse.ts';
import type { Told } from './sources/source.ts';

const now = new Date('2026-05-04T14:05:00Z');
const key: ProfileKey = { tenant: 'main', memberId: 'ana' };
const known: ProfileReading = { kind: 'member', profile: { ...ana, brand: brand.id } };
const unknown: ProfileReading = { kind: 'guest', why: 'unknown-member' };
const quiet = { asked: () => {}, breaker: () => {}, unexpected: () => {} };

type Ask = (key: string, signal: AbortSignal) => Promise<Told>;

/** Sources of a brand, their settings as in a file, their answers as a test says. */
function opened(
  sources: Readonly<Record<string, { readonly settings: object; readonly ask: Ask }>>,
  precedence: object = {},
) {
  const file = parseSources({
    sources: Object.fromEntries(
      Object.entries(sources).map(([name, { settings }]) => [
        name,
        { kind: 'file', path: 'x.csv', identity: 'id', ...settings },
      ]),
    ),
    precedence,
  });
  const open = file.sources.map(({ name, settings }): OpenSource => ({
    name,
    settings,
    source: {
      ask: sources[name]?.ask ?? (async () => null),
      check: async () => 'answers',
      close: async () => {},
    },
  }));
  return composer(brand, open, file.precedence, quiet);
}
const tells =
  (record: object): Ask =>
  async (id) => ({ record: { id, ...record } });
const fails: Ask = async () => {
  throw new SourceFault('down', 'answers 500');
};
const profileOf = (reading: ProfileReading) => {
  if (reading.kind !== 'member') throw new Error(`no member: ${JSON.stringify(reading)}`);
  return reading.profile;
};

describe('a field', () => {
  const crm = { settings: { map: { firstName: 'first', lastName: 'last' } } };
  const shop = { settings: { map: { firstName: 'name' } } };

  it('comes from the first source of its list that tells it', async () => {
    const sources = {
      crm: { ...crm, ask: tells({ first: 'Anna' }) },
      shop: { ...shop, ask: tells({ name: 'Annie' }) },
    };
    const inOrder = profileOf(await opened(sources)(key, known, now));
    expect(inOrder).toMatchObject({ firstName: 'Anna', activePoints: ana.activePoints });
    const other = await opened(sources, { firstName: ['shop', 'crm'] })(key, known, now);
    expect(profileOf(other).firstName).toBe('Annie');
    const own = await opened(sources, { firstName: ['ledger'] })(key, known, now);
    expect(profileOf(own).firstName).toBe(ana.firstName);
  });

  it('is not the ledger’s where another system is asked for it and fails, but where the file says so', async () => {
    const points = { settings: { map: { activePoints: 'points' } }, ask: fails };
    const locked = profileOf(await opened({ points })(key, known, now));
    expect(() => locked.activePoints).toThrow('activePoints is not known now');
    // Nor the points beside it: they would be about another balance.
    expect(() => locked.pendingPoints).toThrow('not known');
    expect(locked.currentTier).toEqual(ana.currentTier);
    const asked = opened({ points }, { activePoints: ['points', 'ledger'] });
    expect(profileOf(await asked(key, known, now)).activePoints).toBe(ana.activePoints);
  });

  it('that is missing leaves the mail without the name, in the brand’s language', async () => {
    const person = { settings: { map: { firstName: 'a', locale: 'b' } }, ask: fails };
    expect(profileOf(await opened({ person })(key, known, now))).toMatchObject({
      firstName: null,
      locale: brand.defaultLocale,
    });
  });

  it('of consent is known to be none where whoever keeps consents has none of hers', async () => {
    const settings = { map: { consents: 'consents' } };
    const none = await opened({ crm: { settings, ask: async () => null } })(key, known, now);
    expect(profileOf(none).consents).toEqual({});
    const away = profileOf(await opened({ crm: { settings, ask: fails } })(key, known, now));
    expect(() => away.consents).toThrow('not known');
  });
});

describe('what she is', () => {
  const settings = { map: { memberStatus: 'status' } };
  it('is never better than the ledger says: a dispute stands, whatever others say', async () => {
    const disputed: ProfileReading = {
      kind: 'member',
      profile: { ...profileOf(known), memberStatus: 'disputed' },
    };
    const compose = opened({ crm: { settings, ask: tells({ status: 'active' }) } });
    expect(profileOf(await compose(key, disputed, now)).memberStatus).toBe('disputed');
    const suspended = opened({ crm: { settings, ask: tells({ status: 'suspended' }) } });
    expect(profileOf(await suspended(key, known, now)).memberStatus).toBe('suspended');
  });

  it('unknown, she gets a neutral mail at her own address', async () => {
    const compose = opened({ crm: { settings, ask: fails } });
    expect(await compose(key, known, now)).toMatchObject({
      kind: 'guest',
      why: 'not-known-now',
      email: ana.email,
    });
  });
});

const pointsBy = (required: string) => ({ required, map: { activePoints: 'points' } });
const failing = async (required: string) =>
  opened({ platform: { settings: pointsBy(required), ask: fails } })(key, known, now);
const odd: Ask = async () => {
  throw new TypeError('ana@example.com is not a function');
};
describe('a source that fails', () => {
  it('makes the message wait, go out neutral, or go without, as its settings say', async () => {
    expect(await failing('hold')).toMatchObject({ composed: { waitsFor: 'platform' } });
    expect(await failing('neutral')).toMatchObject({ kind: 'guest', why: 'not-known-now' });
    const without = await failing('omit');
    expect(without).toMatchObject({ kind: 'member', composed: { waitsFor: null, failing: true } });
  });

  it('holds nothing up where another source tells the same', async () => {
    const compose = opened({
      platform: { settings: pointsBy('hold'), ask: fails },
      copy: { settings: pointsBy('omit'), ask: tells({ points: 7 }) },
    });
    const reading = await compose(key, known, now);
    expect(reading.composed?.waitsFor).toBeNull();
    expect(profileOf(reading).activePoints).toBe(7);
  });

  it('is remembered for names, with their time, and for no figure', async () => {
    let ask: Ask = tells({ first: 'Anna', points: 7, tier: 'x' });
    const compose = opened({
      crm: {
        settings: { keepFor: 600, map: { firstName: 'first', activePoints: 'points' } },
        ask: (...asked) => ask(...asked),
      },
    });
    expect(profileOf(await compose(key, known, now))).toMatchObject({
      firstName: 'Anna',
      activePoints: 7,
    });
    ask = fails;
    const later = new Date(now.getTime() + 300_000);
    const stale = await compose(key, known, later);
    expect(profileOf(stale).firstName).toBe('Anna');
    expect(() => profileOf(stale).activePoints).toThrow('not known');
    expect(stale.composed?.sources[1]).toEqual({
      source: 'crm',
      state: 'stale',
      why: 'answers 500',
      asOf: now.toISOString(),
      fields: ['firstName'],
    });
    const tooLate = await compose(key, known, new Date(now.getTime() + 700_000));
    expect(profileOf(tooLate).firstName).toBeNull();
    const another = await compose({ ...key, tenant: 'other' }, known, later);
    expect(profileOf(another).firstName).toBeNull();
  });

  it('is waited for two seconds at most, and left alone when it keeps failing', async () => {
    let asked = 0;
    const never: Ask = () => {
      asked++;
      return new Promise(() => {});
    };
    const compose = opened({
      crm: { settings: { timeoutMs: 30, map: { firstName: 'first' } }, ask: never },
    });
    const states = [];
    for (let n = 0; n < 8; n++) {
      const { composed } = await compose(key, known, now);
      states.push(composed?.sources[1]?.why);
    }
    expect(asked).toBe(5);
    expect(states.slice(0, 5)).toEqual(Array(5).fill('does not answer in 30 ms'));
    expect(states.at(-1)).toBe('is not asked: it failed 5 times in a row');
  });

  it('with something nobody foresaw is down, and its words stay out of the decision', async () => {
    const compose = opened({ crm: { settings: { map: { firstName: 'first' } }, ask: odd } });
    const { composed } = await compose(key, known, now);
    expect(composed?.sources[1]).toMatchObject({ state: 'down', why: 'failed unexpectedly' });
  });
});

const platform = (record: object) => ({
  platform: {
    settings: { map: { memberStatus: 'status', activePoints: 'points', email: 'mail' } },
    ask: tells(record),
  },
});
describe('somebody the ledger does not know', () => {
  const member = { status: 'active', points: 7, mail: 'ana@example.com' };

  it('is a member where another system knows her, as far as it does', async () => {
    const profile = profileOf(await opened(platform(member))(key, unknown, now));
    expect([profile.memberId, profile.activePoints, profile.email]).toEqual([
      'ana',
      7,
      'ana@example.com',
    ]);
    expect(() => profile.currentTier).toThrow('not known');
  });

  it('is a guest at an address that isn’t hers, and where nobody knows her', async () => {
    const compose = opened(platform(member));
    const at = (email: string) => compose({ ...key, email }, unknown, now);
    expect(await at('ANA@example.com')).toMatchObject({ kind: 'member' });
    expect(await at('bob@example.com')).toMatchObject({ why: 'address-not-linked' });
    const { platform: one } = platform(member);
    const nobody = opened({ platform: { ...one, ask: async () => null } });
    expect(await nobody(key, unknown, now)).toMatchObject({ kind: 'guest', why: 'unknown-member' });
  });

  it('waits where nobody knows her address and one who might has failed', async () => {
    const { platform: one } = platform(member);
    const reading = await opened({ platform: { ...one, ask: fails } })(key, unknown, now);
    expect(reading.composed?.waitsFor).toBe('platform');
  });
});

it('asks nobody about erased members, strangers at an address, and other brands’ members', async () => {
  const compose = opened({
    crm: {
      settings: { map: { firstName: 'first' } },
      ask: async () => {
        throw new Error('asked');
      },
    },
  });
  const others: readonly ProfileReading[] = [
    { kind: 'erased' },
    { kind: 'guest', why: 'unknown-address' },
    { kind: 'guest', why: 'address-not-linked' },
    { kind: 'member', profile: { ...profileOf(known), brand: 'another' } },
  ];
  for (const reading of others) expect(await compose(key, reading, now)).toBe(reading);
});

it('11: never gives a figure that its source did not tell of her, now, and in full', async () => {
  const record = fc.record(
    {
      id: fc.constantFrom('ana', 'ana', 'ana', 'ben', null),
      points: fc.oneof(fc.integer(), fc.double(), fc.string(), fc.constant(null), fc.constant([5])),
      at: fc.constantFrom('2026-05-04T14:04:00Z', '2026-05-04T13:00:00Z', 'never'),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(fc.option(record), async (told) => {
      const compose = opened({
        platform: {
          settings: { asOf: 'at', map: { activePoints: { from: 'points', as: 'int' } } },
          ask: async () => told && { record: told },
        },
      });
      const profile = profileOf(await compose(key, known, now));
      const right =
        told?.id === 'ana' &&
        told.at === '2026-05-04T14:04:00Z' &&
        ((typeof told.points === 'number' &&
          Number.isSafeInteger(told.points) &&
          told.points >= 0) ||
          (typeof told.points === 'string' && /^\+?\d{1,15}(\.0+)?$/.test(told.points)));
      const points = unlessNotKnown<unknown>(
        () => profile.activePoints,
        () => 'unknown',
      );
      expect(points).toBe(right ? Number(told.points) : 'unknown');
    }),
    { numRuns: 500 },
  );
});

const open = (networks: readonly string[], url: string) => {
  const { sources } = parseSources({
    sources: { p: { kind: 'http', url, identity: 'id', map: { firstName: 'name' } } },
  });
  return sources[0]?.open({
    secret: () => undefined,
    networks,
    folder: '.',
    batch,
    now: () => now,
  });
};
const asked = async (source: ReturnType<typeof open>) => {
  const answer = await source
    ?.ask('ana', AbortSignal.timeout(2_000))
    .catch((error: unknown) => error);
  await source?.close();
  return answer;
};

describe('a source over HTTP', () => {
  let server: SourceServer;
  let victim: SourceServer;
  beforeEach(async () => {
    [server, victim] = await Promise.all([startSourceServer(), startSourceServer()]);
  });
  afterEach(() => Promise.all([server.close(), victim.close()]));

  it('16: is not followed to somewhere else', async () => {
    server.answer = (_, response) => {
      response.writeHead(302, { location: `${victim.url}/secrets` }).end();
    };
    const answer = await asked(open(['127.0.0.0/8'], `${server.url}/{memberId}`));
    expect(answer).toMatchObject({
      state: 'garbage',
      message: expect.stringContaining('redirects'),
    });
    expect(victim.requests).toEqual([]);
  });

  it('16: does not reach this machine by any of its names', async () => {
    const port = new URL(server.url).port;
    for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', '[::1]'])
      expect(() => open([], `http://${host}:${port}/{memberId}`)).toThrow(
        'is not a public address',
      );
    const answer = await asked(open([], `http://localhost:${port}/{memberId}`));
    expect(answer).toMatchObject({
      state: 'garbage',
      message: 'localhost is not a public address',
    });
    expect(server.requests).toEqual([]);
  });

  it('16: a key cannot change where it leads', async () => {
    server.answer = json({ id: 'x' });
    const source = open(['127.0.0.0/8'], `${server.url}/members/{memberId}`);
    for (const odder of [
      '../../admin',
      '..',
      '.',
      '//evil.example/x',
      '@evil.example',
      '?a=b#c',
      '\\..\\x',
    ])
      await source?.ask(odder, AbortSignal.timeout(2_000));
    await source?.close();
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/members/..%2F..%2Fadmin',
      '/members/%2F%2Fevil.example%2Fx',
      '/members/%40evil.example',
      '/members/%3Fa%3Db%23c',
      '/members/%5C..%5Cx',
    ]);
  });
});
