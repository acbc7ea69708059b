import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

import { expect, it } from 'vitest';

import { tell } from './failure.ts';

it('says which file is not there, without the code of the system', async () => {
  const error: unknown = await readFile('/nowhere/receipt.html').catch((thrown: unknown) => thrown);
  expect(tell(error)).toEqual({
    text: 'cannot open /nowhere/receipt.html: there is no such file or folder',
    exitCode: 1,
  });
});

it('says which port is taken, and what to do', async () => {
  const first = createServer().listen(0, '127.0.0.1');
  await once(first, 'listening');
  const address = first.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const [error] = await once(
    createServer()
      .listen(port, '127.0.0.1')
      .on('error', () => {}),
    'error',
  );
  first.close();
  expect(tell(error).text).toContain(`port ${port} is in use`);
});
