// Takes a picture of every mail of the library and keeps those that look different from the accepted ones, or are new:
// `git diff` then shows what a change did to all of them. Needs Chromium.
import { loadConfig } from '../../src/config.ts';
import { pictureLibrary } from './album.ts';
import { compare } from './compare.ts';
import { accept, accepted, acceptedNames, forget } from './expected.ts';

const { chromiumPath } = loadConfig(process.env);
const taken = new Set<string>();
let changed = 0;
const tell = (name: string, what: string) => {
  changed += 1;
  console.log(`${name} ${what}`);
};
await pictureLibrary(chromiumPath, async (name, picture) => {
  taken.add(name);
  const before = await accepted(name);
  const difference = before && (await compare(before, picture));
  if (before && !difference) return;
  await accept(name, picture);
  tell(name, difference?.what ?? 'is new');
});
for (const name of await acceptedNames()) {
  if (taken.has(name)) continue;
  await forget(name);
  tell(name, 'is no mail any more');
}
console.log(`${taken.size} pictures in test/pictures/expected, ${changed} changed`);
