import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';

import type { Command } from 'commander';
import { z } from 'zod';

import { InvalidInput, PermanentError } from '../core/errors.ts';
import { UsageError } from './failure.ts';
import type { Given } from './init/answers.ts';
import { note, print } from './terminal.ts';
import { packageVersion } from './version.ts';

type Options = Given & {
  readonly yes?: true;
  readonly install: boolean;
  readonly laurel?: string;
};

export function addInit(program: Command): void {
  program
    .command('init')
    .argument('<folder>', 'a new folder, or an empty one')
    .description('make a project of your own: brand, templates, people to try mails with')
    .option('--brand <name>', 'how the brand is called')
    .option('--trade <kind>', 'coffee, fashion, cinema or travel')
    .option('--languages <list>', 'en, de, fr, ar with commas between, the brand’s own first')
    .option('--accent <colour>', 'its main colour, such as #1f5a43')
    .option('--programme <name>', 'how the loyalty programme is called')
    .option(
      '--laurel <spec>',
      'the package, as npm is told it; that of the working directory when left out',
    )
    .option('--no-install', 'leave `npm install` to you')
    .option('-y, --yes', 'ask nothing: what isn’t said is as usual')
    .addHelpText(
      'after',
      `
Asks for what no option says, where somebody sits at the terminal.

Examples:
  $ laurel init my-mails
  $ laurel init my-mails --brand "Blue Door" --trade coffee --languages de,en --accent "#274c77" --yes`,
    )
    .action(init);
}

async function init(given: string, options: Options): Promise<void> {
  const folder = resolve(given);
  if (
    existsSync(folder) &&
    (await readdir(folder)).some(
      (name) => !/^(\.git|node_modules|package(-lock)?\.json|.*\.tgz)$/.test(name),
    )
  )
    throw new PermanentError('exists', `${given} is not empty; name a new folder`);
  const { yes, install, laurel, ...flags } = options;
  const [{ answersOf }, { firstTemplates, projectFiles }, { openLibrary }, { copyTemplate }] =
    await Promise.all([
      import('./init/answers.ts'),
      import('./init/project-files.ts'),
      import('../project/library.ts'),
      import('./make/copy-template.ts'),
    ]);
  const answers = await answersOf(flags, yes !== true && process.stdin.isTTY).catch(wronglyWritten);
  const library = await openLibrary();
  const spec = await brought(folder, laurel ?? (await specHere()));
  const files = await projectFiles(library, answers, spec);
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const templates = join(folder, 'templates');
  for (const name of firstTemplates(answers))
    await copyTemplate(library, name, { templates, version: packageVersion() });
  await print(`${given}: ${files.size} files, templates ${firstTemplates(answers).join(', ')}`);
  if (install) {
    note('npm install …');
    await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund'], {
      cwd: folder,
      shell: process.platform === 'win32',
    }).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw new PermanentError(
        'npm-install',
        `everything is written, but npm install failed: ${why}`,
      );
    });
  }
  await print(
    `Next: cd ${given} && ${install ? '' : 'npm install && '}npm run demo -- --once, npm run preview, npm run check`,
  );
}

/** Mistakes in flags are mistakes in the command. */
function wronglyWritten(error: unknown): never {
  if (!(error instanceof InvalidInput)) throw error;
  throw new UsageError(error.problems.map(({ path, message }) => `${path} ${message}`).join('\n'));
}

const Manifest = z.looseObject({ dependencies: z.record(z.string(), z.string()).default({}) });

/** How the package is got: as in the working directory, where that has it; else its version. */
async function specHere(): Promise<string> {
  if (!existsSync('package.json')) return packageVersion();
  const { dependencies } = Manifest.parse(JSON.parse(await readFile('package.json', 'utf8')));
  return dependencies['laurel'] ?? packageVersion();
}

/** A packed file comes along, so that the project is whole wherever it is installed: in an image, in CI, at a colleague's. */
async function brought(folder: string, spec: string): Promise<string> {
  const [, path] = /^(?:file:)?([^:]*\.tgz|(?<=file:).*)$/.exec(spec) ?? [];
  if (path === undefined) return spec;
  const from = resolve(path);
  if (!from.endsWith('.tgz')) return `file:${relative(folder, from).replaceAll('\\', '/')}`;
  const name = basename(from);
  await mkdir(folder, { recursive: true });
  if (from !== join(folder, name)) await copyFile(from, join(folder, name));
  return `file:${name}`;
}
