import { readFile, readdir, readlink } from 'node:fs/promises';

/**
 * Memory that a process and those it started hold, but for servers and browsers, which bring their own. What they have read
 * of the same file (Node itself) lies in memory once, and counts once. Linux.
 */
export async function residentBytes(pid: number): Promise<number> {
  const files = new Map<string, number>();
  let own = 0;
  for (const one of await startedBy(pid)) {
    const program = await readlink(`/proc/${one}/exe`).catch(() => '');
    if (!program.endsWith('/node')) continue;
    const maps = await readFile(`/proc/${one}/smaps`, 'utf8').catch(() => '');
    for (const [, place = '', path = '', fields = ''] of maps.matchAll(mapping)) {
      const kilobytes = (name: string) =>
        Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(fields)?.[1] ?? 0);
      const anonymous = kilobytes('Anonymous');
      own += anonymous;
      const at = `${path} ${place}`;
      files.set(at, Math.max(files.get(at) ?? 0, kilobytes('Rss') - anonymous));
    }
  }
  return 1024 * [...files.values()].reduce((sum, one) => sum + one, own);
}

/** A mapping's place in its file, the file, and what is told of it. */
const mapping = /^[\da-f]+-[\da-f]+ \S+ ([\da-f]+) \S+ \d+ *(.*)\n((?:[A-Z]\w+:.*\n?)+)/gm;

/** The process itself, those it started, and theirs. */
async function startedBy(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const children = await Promise.all(
    threads.map((thread) =>
      readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => ''),
    ),
  );
  const pids = children.join(' ').split(/\s+/).filter(Boolean).map(Number);
  return [pid, ...(await Promise.all(pids.map(startedBy))).flat()];
}
