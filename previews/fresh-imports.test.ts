import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'laurel-fresh-'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
});
afterEach(() => rm(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
const run = promisify(execFile);
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const hooks = new URL('fresh-imports.ts', import.meta.url).href;
const Loads = z.array(z.array(z.string()));

/** Each file says that it was loaded, and what it and those it imports say. */
const file = (name: string, says: string, imports: readonly string[]) => `
${imports.map((one, index) => `import { said as said${index} } from './${one}';`).join('\n')}
globalThis.loaded.push('${name}');
export const said = ['${says}', ${imports.map((_, index) => `...said${index}`).join(', ')}].join(' ').split(' ');
export default said;`;

/** Loads `body.tsx` and `other.tsx` after each save in one process; tells which files each time were loaded, and what bodies said. */
async function loadsAfter(saves: readonly (readonly [string, string])[]) {
  const program = join(folder, 'program.mjs');
  await writeFile(
    program,
    `import { register } from 'node:module';
     import { writeFileSync } from 'node:fs';
     register(${JSON.stringify(hooks)}, import.meta.url);
     const saves = [null, ...${JSON.stringify(saves)}];
     const loads = [], says = [];
     for (const [turn, save] of saves.entries()) {
       if (save) writeFileSync(...save);
       globalThis.loaded = [];
       const version = turn === 0 ? '' : '?v=' + turn;
       const body = await import('./body.tsx' + version);
       await import('./other.tsx' + version);
       loads.push(globalThis.loaded.toSorted());
       says.push(body.default);
     }
     console.log(JSON.stringify({ loads, says }));`,
  );
  const { stdout } = await run(process.execPath, ['--import', tsx, program], { cwd: folder });
  return z.object({ loads: Loads, says: Loads }).parse(JSON.parse(stdout));
}

it('a saved component is loaded anew with all that shows it, and nothing else is', async () => {
  const write = (name: string, says: string, imports: readonly string[] = []) =>
    writeFile(at(name), file(name, says, imports));
  await write('body.tsx', 'body', ['shell.tsx', 'list.ts']);
  await write('other.tsx', 'other', ['shell.tsx']);
  await write('shell.tsx', 'shell', ['look.ts']);
  // What other code imports is seen through it.
  await write('list.ts', 'list', ['card.tsx']);
  await write('card.tsx', 'card', ['look.ts']);
  await write('look.ts', 'look');
  const { loads, says } = await loadsAfter([
    [at('body.tsx'), file('body.tsx', 'body2', ['shell.tsx', 'list.ts'])],
    [at('card.tsx'), file('card.tsx', 'card2', ['look.ts'])],
    [at('shell.tsx'), file('shell.tsx', 'shell2', ['look.ts'])],
    // As it was at first.
    [at('card.tsx'), file('card.tsx', 'card', ['look.ts'])],
  ]);
  expect(loads).toEqual([
    ['body.tsx', 'card.tsx', 'list.ts', 'look.ts', 'other.tsx', 'shell.tsx'],
    ['body.tsx'],
    ['body.tsx', 'card.tsx', 'list.ts'],
    ['body.tsx', 'other.tsx', 'shell.tsx'],
    ['body.tsx'],
  ]);
  expect(says.map((one) => one.join(' '))).toEqual([
    'body shell look list card look',
    'body2 shell look list card look',
    'body2 shell look list card2 look',
    'body2 shell2 look list card2 look',
    'body2 shell2 look list card look',
  ]);
});
