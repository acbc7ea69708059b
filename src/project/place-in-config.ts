import { parseSync } from 'oxc-parser';
import { z } from 'zod';

import { lineAt } from '../render/source/json-file.ts';

const Node = z.looseObject({ type: z.string(), start: z.int(), end: z.int() });
type Node = z.infer<typeof Node>;

const nodeAt = (node: unknown): Node | undefined => Node.safeParse(node).data;
const nodesIn = (value: unknown): Node[] =>
  Array.isArray(value) ? value.flatMap((one) => nodeAt(one) ?? []) : [];

/** Without what it is said to be: `… as never`, `… satisfies LaurelConfig`. */
function written(node: unknown): Node | undefined {
  const found = nodeAt(node);
  return found?.type.startsWith('TS') === true ? written(found['expression']) : found;
}

/** The object that a configuration's default export is, whether or not it goes through `defineConfig`. */
function configObject(source: string): Node | undefined {
  const { program } = parseSync('laurel.config.ts', source);
  const exported = nodesIn(program.body).find(({ type }) => type === 'ExportDefaultDeclaration');
  let value = written(exported?.['declaration']);
  if (value?.type === 'CallExpression') value = written(nodesIn(value['arguments'])[0]);
  return value?.type === 'ObjectExpression' ? value : undefined;
}

/** What stands at a path of an object or a list; undefined where that isn't written out there. */
function within(node: Node | undefined, key: string | number): Node | undefined {
  if (typeof key === 'number') return nodesIn(node?.['elements'])[key];
  const property = nodesIn(node?.['properties']).find(
    (one) => z.looseObject({ name: z.string() }).safeParse(one['key']).data?.name === key,
  );
  return nodeAt(property?.['value']);
}

/** The line, from 1, in which what a path leads to stands; that of the nearest thing around it where it is elsewhere. */
export function lineInConfig(source: string, path: readonly PropertyKey[]): number {
  let node = configObject(source);
  for (const key of path) {
    const inner = typeof key === 'symbol' ? undefined : within(node, key);
    if (!inner) break;
    node = inner;
  }
  return node ? lineAt(source, node.start) : 1;
}

/**
 * The configuration with one more in a list that is written out there; instead of its name, where the package's own was in the
 * list by name. Undefined where the list is somewhere else.
 */
export function placeInList(
  source: string,
  list: string,
  { name, word }: { readonly name: string; readonly word: string },
): string | undefined {
  const config = configObject(source);
  if (!config) return undefined;
  const found = within(config, list);
  if (!found) {
    const end = config.end - 1;
    const comma = /[,{]\s*$/.test(source.slice(0, end)) ? '' : ',';
    return `${source.slice(0, end).trimEnd()}${comma}\n  ${list}: [${word}],\n${source.slice(end)}`;
  }
  if (found.type !== 'ArrayExpression') return undefined;
  const items = nodesIn(found['elements']);
  const byName = items.find(({ value }) => value === name);
  if (byName) return source.slice(0, byName.start) + word + source.slice(byName.end);
  const last = items.at(-1);
  const at = last?.end ?? found.start + 1;
  return `${source.slice(0, at)}${last ? ', ' : ''}${word}${source.slice(at)}`;
}
