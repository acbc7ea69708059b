import { readFile, readdir, readlink } from 'node:fs/promises';

/** Memory that a process and those it started hold, but for servers and browsers, which bring their own. Linux. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const program = await readlink(`/proc/${pid}/exe`).catch(() => '');
  const own = program.endsWith('/node')
    ? Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
    : 0;
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const children = await Promise.all(
    threads.map((thread) =>
      readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => ''),
    ),
  );
  const pids = children.join(' ').split(/\s+/).filter(Boolean).map(Number);
  const theirs = await Promise.all(pids.map(residentBytes));
  return theirs.reduce((sum, bytes) => sum + bytes, own);
}
