import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { fileName, openOutbox } from './outbox.ts';
import { mailTo, never } from './transport.contract.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outbox-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('replaces its own file when the same message is handed over again', async () => {
  const outbox = openOutbox({ folder });
  const again = { id: '018f5b7e-0000-7000-8000-000000000001', body: 'second attempt\r\n' };
  await outbox.send(mailTo('ana@mail.example', { id: again.id }), never);
  await outbox.send(mailTo('ana@mail.example', again), never);
  const names = await readdir(folder);
  expect(names).toEqual(['2024-05-09T03-55-35.296Z-018f5b7e-0000-7000-8000-000000000001.eml']);
  expect(await readFile(join(folder, names[0] ?? ''), 'utf8')).toContain('second attempt');
});

it('leaves no half-written files behind', async () => {
  const outbox = openOutbox({ folder });
  await Promise.all(
    Array.from({ length: 30 }, (_, at) => outbox.send(mailTo(`m${at}@mail.example`), never)),
  );
  const names = await readdir(folder);
  expect(names).toHaveLength(30);
  expect(names.every((name) => name.endsWith('.eml'))).toBe(true);
});

it('names the folder when it cannot be written to, and tries again later', async () => {
  const file = join(folder, 'a file');
  await writeFile(file, '');
  const outbox = openOutbox({ folder: file });
  const refusal = {
    name: 'TemporaryError',
    code: 'outbox-unwritable',
    message: expect.stringContaining(file),
  };
  await expect(outbox.send(mailTo('ana@mail.example'), never)).rejects.toMatchObject(refusal);
  await expect(outbox.check()).rejects.toMatchObject(refusal);
  await rm(file);
  await expect(outbox.check()).resolves.toBeUndefined();
});

it.each([
  '../../etc/passwd',
  '..',
  '.',
  '',
  'a/b\\c:d*?"<>|',
  'x'.repeat(500),
  'nul\u0000byte',
  '🦉',
])('makes a harmless file name of the id %j', (id) => {
  const name = fileName(id);
  expect(name).toMatch(/^[a-z0-9_-][a-z0-9_.-]*\.eml$/i);
  expect(name.length).toBeLessThan(128);
});

it('never gives two messages one file, even where case does not count', () => {
  const ids = [
    'order-1',
    'Order-1',
    'order/1',
    'order:1',
    '<order-1@a.example>',
    'order-1@b.example',
  ];
  const names = ids.map((id) => fileName(id).toLowerCase());
  expect(new Set(names).size).toBe(ids.length);
});
