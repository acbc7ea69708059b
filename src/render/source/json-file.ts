import { TemplateError } from './problems.ts';

/** A JSON file, and where its values stand. */
export type JsonFile = {
  readonly file: string;
  readonly source: string;
  readonly value: unknown;
  /** The line (from 1) of the value at a path, or of the nearest thing around it. */
  readonly lineOf: (path: readonly PropertyKey[]) => number;
};

/** @throws TemplateError naming file and line of a syntax error. */
export function parseJson(source: string, file: string): JsonFile {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const at = /position (\d+)/.exec(message)?.[1];
    const line = at === undefined ? {} : { line: lineAt(source, Number(at)) };
    throw new TemplateError([
      { file, ...line, message: `is not JSON: ${message.replace(/ \(line.*\)$/, '')}` },
    ]);
  }
  let lines: ReturnType<typeof pathLines> | undefined;
  return {
    file,
    source,
    value,
    lineOf: (path) => {
      lines ??= pathLines(source);
      for (let length = path.length; length > 0; length--) {
        const line = lines.get(keyOf(path.slice(0, length)));
        if (line !== undefined) return line;
      }
      return 1;
    },
  };
}

export const lineAt = (source: string, offset: number) =>
  source.slice(0, offset).split('\n').length;

const keyOf = (path: readonly PropertyKey[]) => path.map(String).join('\u0000');

/** Line of every key and list item of valid JSON. */
function pathLines(source: string): Map<string, number> {
  const lines = new Map<string, number>();
  const stack: { readonly list: boolean; key: string; index: number }[] = [];
  const pathOf = () => keyOf(stack.map(({ list, key, index }) => (list ? String(index) : key)));
  let line = 1;
  let expectsKey = false;
  const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:\n]/g;
  for (const [token] of source.matchAll(tokens)) {
    const top = stack.at(-1);
    if (token === '\n') line++;
    else if (token === '{' || token === '[') {
      stack.push({ list: token === '[', key: '', index: 0 });
      if (token === '[') lines.set(pathOf(), line);
      expectsKey = token === '{';
    } else if (token === '}' || token === ']') {
      stack.pop();
      expectsKey = false;
    } else if (token === ',' && top) {
      if (top.list) {
        top.index++;
        lines.set(pathOf(), line);
      } else expectsKey = true;
    } else if (expectsKey && top && token.startsWith('"')) {
      top.key = String(JSON.parse(token));
      lines.set(pathOf(), line);
      expectsKey = false;
    }
  }
  return lines;
}
