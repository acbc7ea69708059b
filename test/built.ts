import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { testFolder } from './folder.ts';
import { madeOnce } from './made-once.ts';
import { scratchCheckout } from './scratch-checkout.ts';

const root = join(import.meta.dirname, '..');
const builds = join(testFolder, 'builds');
const parts = ['src', 'templates', 'queues', 'fixtures', 'previews', 'scripts'];
const files = [
  'laurel.config.ts',
  'tsconfig.json',
  'tsconfig.build.json',
  'vite.config.ts',
  'package.json',
];

let made: Promise<string> | undefined;

/**
 * The folder of Laurel as `npm run build` leaves it: a command starts in a third of the time it takes from its sources. Built
 * once for the same sources, whichever test asks first.
 */
export const builtProgram = (): Promise<string> => (made ??= build());

async function build(): Promise<string> {
  const folder = join(builds, await hashOfSources());
  await madeOnce(folder, async () => {
    const scratch = await scratchCheckout();
    try {
      await promisify(execFile)('npm', ['run', 'build'], { cwd: scratch.folder }).catch(
        // The compiler says on stdout what is wrong.
        ({ message, stdout = '' }: Error & { stdout?: string }) => {
          throw new Error(`${message}\n${stdout}`);
        },
      );
      for (const old of await readdir(builds))
        if (!old.endsWith('.lock')) await rm(join(builds, old), { recursive: true, force: true });
      await cp(join(scratch.folder, 'dist'), `${folder}.part`, { recursive: true });
      await rename(`${folder}.part`, folder);
    } finally {
      await scratch.close();
    }
  });
  return folder;
}

async function hashOfSources(): Promise<string> {
  const hash = createHash('sha256');
  const listed = await Promise.all(
    parts.map(async (part) =>
      (await readdir(join(root, part), { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name))
        // Pages that a preview has built meanwhile.
        .filter((file) => !file.startsWith(join(root, 'previews/dist/'))),
    ),
  );
  for (const file of [...listed.flat().toSorted(), ...files.map((name) => join(root, name))])
    hash.update(`\n${file}\n`).update(await readFile(file));
  return hash.digest('hex');
}
