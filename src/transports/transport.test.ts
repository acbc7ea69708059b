import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { messageIdOf, startSmtpSink } from '../../test/smtp-sink.ts';
import { openOutbox } from './outbox.ts';
import { openSmtp } from './smtp.ts';
import { transportContract } from './transport.contract.ts';

for (const pipelining of [true, false])
  transportContract(pipelining ? 'SMTP' : 'SMTP without pipelining', async () => {
    const sink = await startSmtpSink({ pipelining });
    const transport = openSmtp({ url: sink.url });
    return {
      transport,
      arrived: () => Promise.resolve(sink.mails),
      close: async () => {
        await transport.close();
        await sink.close();
      },
    };
  });

transportContract('the outbox folder', async () => {
  const root = await mkdtemp(join(tmpdir(), 'outbox-'));
  const folder = join(root, 'made', 'when needed');
  const transport = openOutbox({ folder });
  return {
    transport,
    arrived: async () => {
      const names = await readdir(folder).catch(() => []);
      const raws = await Promise.all(names.map((name) => readFile(join(folder, name))));
      return raws.map((raw) => ({ messageId: messageIdOf(raw), raw }));
    },
    close: async () => {
      await transport.close();
      await rm(root, { recursive: true });
    },
  };
});
