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
