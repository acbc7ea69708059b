import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

import { openSmtp } from '../src/transports/smtp.ts';
import { mailTo, never } from '../src/transports/transport.contract.ts';
import type { Transport } from '../src/transports/transport.ts';
import { type RemoteSink, startRemoteSink } from './smtp-sink-remote.ts';

let sink: RemoteSink;
let smtp: Transport;
beforeAll(async () => {
  sink = await startRemoteSink();
  smtp = openSmtp({ url: sink.url });
});
afterAll(async () => {
  await smtp.close();
  await sink.close();
});
beforeEach(async () => {
  await sink.behave({});
  await sink.reset();
});

const sendAll = (ids: readonly string[]) =>
  Promise.allSettled(ids.map((id) => smtp.send(mailTo('ana@mail.example', { id }), never)));

it('counts mails and their copies by Message-ID', async () => {
  await sendAll(['a', 'b', 'a']);
  expect(await sink.stats()).toMatchObject({ mails: 3, unique: 2, copies: 1 });
  expect(await sink.ids()).toEqual(
    new Map([
      ['a@brand.example', 2],
      ['b@brand.example', 1],
    ]),
  );
});

it('takes every mail although it keeps some of its answers', async () => {
  await sink.behave({ dropAnswer: 0.2 });
  const results = await sendAll(Array.from({ length: 100 }, (_, at) => `m${at}`));
  const { unique, dropped } = await sink.stats();
  expect(unique).toBe(100);
  expect(dropped).toBeGreaterThan(0);
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(dropped);
});

it('takes no mail that it defers', async () => {
  await sink.behave({ defer: 1 });
  const [result] = await sendAll(['a']);
  expect(result).toMatchObject({ status: 'rejected', reason: { code: 'smtp-451' } });
  expect(await sink.stats()).toMatchObject({ mails: 0, deferred: 1 });
});

it('refuses orders it does not understand', async () => {
  await expect(sink.behave({ dropAnswer: 2 })).rejects.toThrow('the sink refused');
});
