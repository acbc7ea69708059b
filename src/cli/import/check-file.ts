import type { Mapping } from '../../ingest/mapping.ts';
import { note, oneLine, print } from '../terminal.ts';
import { openFile } from './open-file.ts';
import { countRejected, type Tally } from './tally.ts';
import { unitOf } from './units.ts';

const mostToShow = 20;
const examples = 2;

/**
 * Reads a file to its end, maps and checks every record, and shows the first events and what is wrong. What only the
 * ledger knows (whether a member exists) is not looked at.
 */
export async function checkFile(
  file: string,
  mapping: Mapping | undefined,
  tally: Tally,
  now: Date,
): Promise<void> {
  const { groups } = await openFile(file, mapping);
  for await (const group of groups) {
    const { rows, events, problems } = unitOf(group, mapping, now);
    if (problems.length === 0) {
      if (events.length === 0) tally.skipped += 1;
      if (tally.applied < examples)
        for (const { event } of events) await print(JSON.stringify(event));
      tally.applied += events.length;
      continue;
    }
    if (tally.rejected < mostToShow)
      for (const one of problems) note(`line ${rows[0].line}: ${oneLine(one)}`);
    countRejected(tally, problems);
  }
}
