import { once } from 'node:events';

import { type Command, InvalidArgumentError } from 'commander';

import { loadProject, projectFolder } from '../project/load-project.ts';
import { readDkimKeys, signedBy } from '../transports/dkim.ts';
import { openTransport } from '../transports/index.ts';
import { readConfig } from './session.ts';
import { note, print } from './terminal.ts';

type Options = { readonly port?: number; readonly host: string; readonly open?: boolean };

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
    .addHelpText(
      'after',
      `
Works on the templates and the sample members of a checkout, shows an edit as soon as it is saved, and
sends nothing but test mails to PREVIEW_SEND_TO.

Examples:
  $ laurel preview --open
  $ laurel preview --port 4000`,
    )
    .action(preview);
}

async function preview({ port, host, open }: Options): Promise<void> {
  const config = readConfig();
  const { previewPort, chromiumPath, folder, previewSendTo: to } = config;
  const transport =
    to.length > 0
      ? signedBy(
          readDkimKeys('DKIM_KEYS', config.dkimKeys),
          openTransport(config, (await loadProject(projectFolder())).transports),
        )
      : null;
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
    ...(open !== undefined && { open }),
  });
  await print(`Preview: ${server.url}`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await server.close();
  await transport?.close();
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 65_536;
  if (port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a port from 0 to 65535.');
}
