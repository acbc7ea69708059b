import { writeFileSync } from 'node:fs';
import { type Profiler, Session } from 'node:inspector';

import type { Shares } from './protocol.ts';

const root = new URL('../../', import.meta.url).href;

/** Samples what this process does. `stop` says what share of its busy time went into which package, folder or engine part. */
export function startProfile(file: string | null): {
  readonly start: () => void;
  readonly stop: () => Shares;
} {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: 500 });
  return {
    start: () => session.post('Profiler.start'),
    stop: () => {
      let shares: Shares = [];
      session.post('Profiler.stop', (error, { profile }) => {
        if (error) throw error;
        shares = sharesOf(profile);
        if (file !== null) writeFileSync(file, JSON.stringify(profile));
      });
      session.disconnect();
      return shares;
    },
  };
}

function sharesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Shares {
  const names = new Map(nodes.map((node) => [node.id, nameOf(node.callFrame)]));
  const times = new Map<string, number>();
  let busy = 0;
  for (const [at, sample] of samples.entries()) {
    const name = names.get(sample) ?? '';
    if (name === '') continue;
    const spent = timeDeltas[at] ?? 0;
    times.set(name, (times.get(name) ?? 0) + spent);
    busy += spent;
  }
  return [...times]
    .map(([name, spent]) => ({ name, share: spent / busy }))
    .toSorted((a, b) => b.share - a.share);
}

/** Where a function belongs; empty for waiting. */
function nameOf({ functionName, url }: Profiler.Profile['nodes'][number]['callFrame']): string {
  if (functionName === '(idle)') return '';
  if (functionName === '(garbage collector)') return 'garbage collection';
  if (url === '') return 'engine and system calls';
  if (url.startsWith('node:')) return `node: ${url.slice(5).split('/').slice(-1).join('')}`;
  const [, ...packages] = url.split('/node_modules/');
  const inside = packages.at(-1)?.split('/');
  if (inside) return inside.slice(0, inside[0]?.startsWith('@') ? 2 : 1).join('/');
  return url.replace(root, '').split('?')[0] ?? url;
}
