import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const compiler = join(import.meta.dirname, '../node_modules/.bin/tsc');
const root = join(import.meta.dirname, '..');

export type Scratch = { readonly folder: string; readonly close: () => Promise<void> };

/** What git knows of this checkout, edits included, in a folder of its own; packages are those installed here. */
export async function scratchCheckout(): Promise<Scratch> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'laurel-checkout-'));
  await chmod(folder, 0o755); // the embedded Postgres may run as another user
  const listed = await run('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  });
  const files = listed.stdout
    .split('\0')
    .filter((file) => file !== '' && !file.startsWith('test/pictures/expected/'));
  const folders = new Set(files.map((file) => dirname(join(folder, file))));
  for (const one of folders) await mkdir(one, { recursive: true });
  // A file may be gone that git still lists.
  for (const file of files)
    await cp(join(root, file), join(folder, file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  return { folder, close: () => rm(folder, { recursive: true, force: true }) };
}

/** What the compiler says of these files and folders in a copy, but for their tests; nothing where all is well. */
export async function compile(folder: string, include: readonly string[]): Promise<string> {
  const compilerOptions = { incremental: false, tsBuildInfoFile: null };
  const project = join(folder, 'tsconfig.scratch.json');
  await writeFile(
    project,
    JSON.stringify({
      extends: './tsconfig.json',
      compilerOptions,
      include,
      exclude: ['**/*.test.ts', '**/*.test.tsx'],
    }),
  );
  return run(compiler, ['-p', project], { cwd: folder }).then(
    () => '',
    ({ stdout = '', message }: Error & { stdout?: string }) => `${message}\n${stdout}`,
  );
}
