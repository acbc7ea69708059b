import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';

import { type Command, InvalidArgumentError } from 'commander';

import type { Config } from '../config.ts';
import { PermanentError } from '../core/errors.ts';
import { projectFolder } from '../project/project-folder.ts';
import { readDkimKeys, signedBy } from '../transports/dkim.ts';
import { openInstallation } from './preview/installation.ts';
import { readConfig } from './read-config.ts';
import { note, print } from './terminal.ts';

type Options = {
  readonly port?: number;
  readonly host: string;
  readonly open?: boolean;
  readonly export?: string;
};

export function addPreview(program: Command): void {
  program
    .command('preview')
    .description('look at templates in the browser, as they are sent, while editing them')
    .option('--port <port>', 'PREVIEW_PORT when left out', portOf)
    .option(
      '--host <host>',
      'another one than this machine itself asks for the token it prints',
      '127.0.0.1',
    )
    .option('--open', 'open the page in the browser')
    .option('--export <folder>', 'write all mails as pages that need no server, and end')
    .addHelpText(
      'after',
      `
Works on the templates and the sample members of a checkout, shows an edit as soon as it is saved, and
sends nothing but test mails to PREVIEW_SEND_TO. Publishes and rolls back templates when asked to, and with
PREVIEW_REAL_MEMBERS=true shows what really went out.

Examples:
  $ laurel preview --open
  $ laurel preview --port 4000
  $ laurel preview --export site`,
    )
    .action(preview);
}

async function preview({ port, host, open, export: site }: Options): Promise<void> {
  if (site !== undefined) return exported(site);
  const config = readConfig();
  const { previewPort, chromiumPath, folder, previewSendTo: to } = config;
  const transport = to.length > 0 ? await transportOf(config) : null;
  // It stands beside other programs all day: its memory counts for more than its speed.
  setFlagsFromString('--optimize-for-size');
  const { startPreview } = await import('../../previews/server.ts');
  const server = await startPreview({
    root: projectFolder(),
    folder,
    port: port ?? previewPort,
    host,
    chromiumPath,
    log: note,
    ...(transport && {
      tests: { to, send: (mail) => transport.send(mail, AbortSignal.timeout(60_000)) },
    }),
    // Who came by a token may look; what is sent stays with who is at this machine.
    ...(onThisMachine(host) && {
      installation: openInstallation({
        config,
        project: projectFolder(),
        env: process.env,
        now: () => new Date(),
      }),
    }),
    ...(open !== undefined && { open }),
  });
  await print(`Preview: ${server.url}`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await server.close();
  await transport?.close();
}

/** Its code is read only where something is to be sent. */
async function transportOf(config: Config) {
  const [{ loadProject }, { openTransport }] = await Promise.all([
    import('../project/load-project.ts'),
    import('../transports/index.ts'),
  ]);
  const { transports } = await loadProject(projectFolder());
  return signedBy(readDkimKeys('DKIM_KEYS', config.dkimKeys), openTransport(config, transports));
}

const onThisMachine = (host: string) => ['127.0.0.1', 'localhost', '::1'].includes(host);

async function exported(to: string): Promise<void> {
  const { folder } = readConfig();
  const [{ startRenderer }, { exportPreview }] = await Promise.all([
    import('../../previews/renderer.ts'),
    import('../../previews/export.ts'),
  ]);
  const renderer = startRenderer({
    root: projectFolder(),
    folder: resolve(folder),
    onCounting: () => undefined,
    chromiumPath: undefined,
    log: note,
  });
  try {
    const { mails, unexpected } = await exportPreview({ renderer, to, onProgress: note });
    await print(`${mails} mails in ${to}; open ${join(to, 'index.html')}`);
    if (unexpected > 0)
      throw new PermanentError(
        'checks-failed',
        `${unexpected} came out otherwise than their personas expect`,
      );
  } finally {
    await renderer.close();
  }
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 65_536;
  if (port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a port from 0 to 65535.');
}
