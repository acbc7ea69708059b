import { createInterface } from 'node:readline';

import { startEmbedded } from '../src/postgres/embedded.ts';

/*
 * A process that uses an embedded server: says `ready <url>` or `error <code> <message>`, and stops using it
 * when its input closes. Run as `node --import tsx test/embedded-process.ts <folder>`.
 */
try {
  const server = await startEmbedded({
    folder: process.argv[2] ?? '',
    log: (line) => console.log(`log ${line}`),
    durable: false,
  });
  console.log(`ready ${server.url}`);
  for await (const line of createInterface({ input: process.stdin })) if (line === 'end') break;
  await server.close();
} catch (error) {
  const { code, message } = Object(error);
  console.log(`error ${code} ${String(message).replaceAll('\n', ' ')}`);
}
