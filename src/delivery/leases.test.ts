import { expect, it } from 'vitest';

import { openLeases } from './leases.ts';

/** A promise that is given its value from outside. */
function signal() {
  const outside: { give?: (value?: unknown) => void } = {};
  const given = new Promise<unknown>((resolve) => (outside.give = resolve));
  return { given, give: (value?: unknown) => outside.give?.(value) };
}

it('holds a claim until it is let go', async () => {
  const leases = openLeases(
    async (tokens) => new Set(tokens),
    60_000,
    () => {},
  );
  leases.hold('a', performance.now());
  expect(leases.holds('a')).toBe(true);
  leases.letGo('a');
  expect(leases.holds('a')).toBe(false);
  await leases.close();
});

it('a claim asked for too long ago is not surely ours', async () => {
  const leases = openLeases(
    async (tokens) => new Set(tokens),
    60_000,
    () => {},
  );
  leases.hold('a', performance.now() - 59_000);
  expect(leases.holds('a')).toBe(false);
  await leases.close();
});

it('a claim that Postgres gave to another is lost; the others live on', async () => {
  const asked = signal();
  const leases = openLeases(
    async () => {
      setImmediate(asked.give);
      return new Set(['b']);
    },
    300,
    () => {},
  );
  leases.hold('a', performance.now());
  leases.hold('b', performance.now() + 60_000);
  await asked.given;
  expect(leases.holds('a')).toBe(false);
  expect(leases.holds('b')).toBe(true);
  await leases.close();
});

it('survives a failing renewal and says so', async () => {
  const failed = signal();
  const leases = openLeases(async () => Promise.reject(new Error('away')), 30, failed.give);
  leases.hold('a', performance.now());
  expect(await failed.given).toMatchObject({ message: 'away' });
  await leases.close();
});
