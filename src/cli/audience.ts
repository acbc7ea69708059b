import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type AudienceEntry, readAudience } from '../campaign/read-audience.ts';
import type { RowData } from '../campaign/row-data.ts';
import { InvalidInput, PermanentError } from '../core/errors.ts';
import { openInput } from './input.ts';

export type Member = Extract<AudienceEntry, { memberId: string }>;

/** An audience that was read to its end once and is in order. */
export type CheckedAudience = {
  /** The same for the same bytes. */
  readonly hash: string;
  /** Lines with a member, repeated ones counted each time. */
  readonly entries: number;
  readonly members: () => AsyncGenerator<Member>;
  /** Removes what was put aside for the second reading. */
  readonly close: () => Promise<void>;
};

const mostToTell = 20;

/**
 * Reads an audience from start to end before anything is made of it: a campaign never begins with half of one.
 * @param file CSV or JSON, told apart by its first character; `-` is stdin, kept in a temporary file meanwhile.
 * @param options `column`: the CSV column or JSON field of the member ids, where it isn't one of the usual names; `rowData`: what
 * becomes of the others.
 * @throws PermanentError naming the file and the lines that are wrong, InvalidInput the column that isn't there.
 */
export async function checkAudience(
  file: string,
  options: { readonly column?: string | undefined; readonly rowData?: RowData } = {},
): Promise<CheckedAudience> {
  const spooled = file === '-' ? await spool() : undefined;
  const path = spooled ?? file;
  const close = async () => {
    if (spooled !== undefined) await rm(spooled, { force: true });
  };
  try {
    const hash = createHash('sha256');
    const problems: string[] = [];
    let entries = 0;
    const input = await openInput(path);
    const { name } = spooled === undefined ? input : { name: 'stdin' };
    const read = readAudience(tee(input.chunks, hash.update.bind(hash)), options);
    for await (const entry of naming(name, read)) {
      if ('memberId' in entry) entries += 1;
      else if (problems.push(`${name} line ${entry.line}: ${entry.problem}`) >= mostToTell) break;
    }
    if (problems.length > 0) {
      const all = problems.join('\n  ');
      throw new PermanentError(
        'audience',
        `nothing was started: the audience is wrong in\n  ${all}`,
      );
    }
    if (entries === 0) throw new PermanentError('audience', `there is no member in ${name}`);
    const members = async function* members() {
      for await (const entry of readAudience(createReadStream(path), options))
        if ('memberId' in entry) yield entry;
    };
    return { hash: hash.digest('hex'), entries, members, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What makes the rest of a file unreadable names the file, too. */
async function* naming(name: string, entries: AsyncIterable<AudienceEntry>) {
  try {
    yield* entries;
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    throw new InvalidInput(
      error.problems.map(({ path, message }) => ({ path: `${name} ${path}`, message })),
      error.status,
    );
  }
}

async function* tee(chunks: AsyncIterable<Uint8Array>, look: (chunk: Uint8Array) => unknown) {
  for await (const chunk of chunks) {
    look(chunk);
    yield chunk;
  }
}

async function spool(): Promise<string> {
  const path = join(tmpdir(), `laurel-audience-${randomBytes(6).toString('hex')}`);
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of (await openInput('-')).chunks) await file.write(chunk);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return path;
}
