import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts process times in ticks of 10 ms. */
const tickMs = 10;

/**
 * CPU milliseconds a process and its children have used so far, with those of children that ended. Null where the system
 * has no /proc, or the process is gone.
 */
export function cpuMsOfTree(root: number): number | null {
  const all = processes();
  if (!all?.has(root)) return null;
  const children = new Map<number, number[]>();
  for (const [pid, { parent }] of all) children.set(parent, [...(children.get(parent) ?? []), pid]);
  let ticks = 0;
  const open = [root];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    ticks += all.get(pid)?.ticks ?? 0;
    open.push(...(children.get(pid) ?? []));
  }
  return ticks * tickMs;
}

/** The process that started this one, e.g. the postmaster of a backend. Null where it can't be known. */
export const parentOf = (pid: number): number | null => processes()?.get(pid)?.parent ?? null;

type Process = { readonly parent: number; readonly ticks: number };

function processes(): Map<number, Process> | null {
  try {
    const found = new Map<number, Process>();
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const stat = statOf(name);
      if (stat) found.set(Number(name), stat);
    }
    return found;
  } catch {
    return null;
  }
}

function statOf(pid: string): Process | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold anything; the fields after it are numbers, the first of them field 3.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const at = (field: number) => Number(fields[field - 3]);
    return { parent: at(4), ticks: at(14) + at(15) + at(16) + at(17) };
  } catch {
    return null; // it ended while we looked
  }
}
