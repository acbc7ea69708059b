import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { z } from 'zod';

/** What stands behind a fence's language, where readers of the page don't see it. */
const Attributes = z.strictObject({
  /** The file a reader makes of it. */
  file: z.string().optional(),
  /** The registry that gets its lines. */
  into: z.string().optional(),
  /** Where in it, when not at the end of its list: behind the line that begins so. */
  after: z.string().optional(),
  /** The route it is posted to. */
  post: z.string().optional(),
  /** Starts something that stays up. */
  background: z.literal(true).optional(),
  /** How the command ends, where it fails. */
  exit: z.coerce.number().optional(),
  /** What it prints, sooner or later: a mail takes its moment. */
  says: z.string().optional(),
  /** Why no test can run it. */
  'no-run': z.string().optional(),
});

export type Fence = z.infer<typeof Attributes> & {
  readonly page: string;
  /** Of the line that opens it. */
  readonly line: number;
  readonly language: string;
  readonly body: string;
};

const edge = /^( *)(`{3,})([a-z]*)(.*)$/;

/** @throws Error where a fence isn't closed, or has an attribute that nothing knows */
export function fencesOf(page: string, text: string): Fence[] {
  const fences: Fence[] = [];
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const [, indent = '', ticks = '', language = '', info = ''] = edge.exec(lines[at] ?? '') ?? [];
    if (ticks === '') continue;
    const end = lines.indexOf(`${indent}${ticks}`, at + 1);
    if (end < 0) throw new Error(`${page}:${at + 1}: this fence is never closed`);
    fences.push({
      ...Attributes.parse(attributesOf(info)),
      page,
      line: at + 1,
      language,
      body: lines
        .slice(at + 1, end)
        .map((line) => line.slice(indent.length))
        .join('\n'),
    });
    at = end;
  }
  return fences;
}

const attributesOf = (info: string) =>
  Object.fromEntries(
    [...info.matchAll(/([a-z-]+)(?:=(?:"([^"]*)"|(\S+)))?/g)].map(([, name = '', quoted, word]) => [
      name,
      quoted ?? word ?? true,
    ]),
  );

/** Makes the file that a fence shows, or puts its lines into the registry it names. */
export async function put(folder: string, fence: Fence): Promise<string> {
  const path = join(folder, fence.file ?? fence.into ?? '');
  const text =
    fence.file === undefined ? withLines(await readFile(path, 'utf8'), fence) : `${fence.body}\n`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return '';
}

/** A registry with imports at its top and the other lines at the end of its list, or behind the line that is named. */
function withLines(registry: string, { page, line, body, after }: Fence): string {
  const lines = body.split('\n').filter((one) => one.trim() !== '');
  const imports = lines.filter((one) => one.startsWith('import '));
  const entries = lines.filter((one) => !one.startsWith('import '));
  const list = registry.split('\n');
  const end =
    after === undefined
      ? list.findIndex((one) => /^(?:\](?: as const)?|\} satisfies \w+);$/.test(one))
      : list.findIndex((one) => one.trim().startsWith(after)) + 1;
  if (end > 0)
    return [...imports, ...list.slice(0, end), ...entries, ...list.slice(end)].join('\n');
  // A list of one line.
  const short = list.findIndex((one) => /^export const .*\[.*\];$/.test(one));
  if (short < 0) throw new Error(`${page}:${line}: the registry has no such list`);
  const added = entries.map((one) => `, ${one.trim().replace(/,$/, '')}`).join('');
  return [...imports, ...list.with(short, (list[short] ?? '').replace(/\];$/, `${added}];`))].join(
    '\n',
  );
}
