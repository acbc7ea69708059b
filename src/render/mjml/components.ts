import { lineAt } from '../source/json-file.ts';
import type { SourceProblem } from '../source/problems.ts';

type Find = (name: string) => { readonly source: string } | undefined;

const value = String.raw`"(?:\{\{[\s\S]*?\}\}|[^"{]|\{(?!\{))*"|'(?:\{\{[\s\S]*?\}\}|[^'{]|\{(?!\{))*'`;
const tag = new RegExp(
  String.raw`<!--[\s\S]*?-->|<laurel-([a-z][\w-]*)((?:\s+[\w-]+\s*=\s*(?:${value}))*)\s*(?:/>|>([\s\S]*?)</laurel-\1\s*>)`,
  'g',
);
/** `[[@href]]` or, where it may be left out, `[[@href|what then]]`. */
const slot = /\[\[@([\w-]+)(?:\|([^\]]*))?\]\]/g;

/**
 * Writes out `<laurel-status />` and the like. One without attributes is the partial of that name; one whose partial has
 * slots, `[[@href]]`, is the partial with its attributes and content in them, on the lines where it stands.
 */
export function withComponents(
  source: string,
  file: string,
  find: Find,
): { readonly source: string; readonly problems: readonly SourceProblem[] } {
  if (!source.includes('laurel-')) return { source, problems: [] };
  const problems: SourceProblem[] = [];
  const written = source.replace(
    tag,
    (
      whole: string,
      name: string | undefined,
      attributes: string,
      content: string | undefined,
      at: number,
    ) => {
      if (name === undefined) return whole;
      const refuse = (message: string) => {
        problems.push({ file, line: lineAt(source, at), message: `<laurel-${name}> ${message}` });
        return '';
      };
      const partial = find(name);
      if (!partial)
        return refuse(`is not known: there is no partials/${name}.mjml or blocks/${name}.mjml`);
      const lines = '\n'.repeat(whole.split('\n').length - 1);
      const given = givenTo(attributes, content);
      const slots = [...partial.source.matchAll(slot)];
      const unknown = [...given.keys()].find((one) => !slots.some(([, known]) => known === one));
      if (unknown !== undefined)
        return refuse(
          unknown === 'content'
            ? 'takes nothing within; write <laurel-x />'
            : `takes no ${unknown}${slots.length > 0 ? `; it takes ${slotNames(slots)}` : ''}`,
        );
      if (slots.length === 0) return `{{> ${name}}}${lines}`;
      const missing = slots.find(([, one = '', usual]) => usual === undefined && !given.has(one));
      if (missing)
        return refuse(`needs ${missing[1] === 'content' ? 'words within' : (missing[1] ?? '')}`);
      const filled = partial.source.replace(
        slot,
        (_, one: string, usual: string | undefined) => given.get(one) ?? usual ?? '',
      );
      return filled.trim().replace(/[ \t\r]*\n[ \t\r\n]*/g, ' ') + lines;
    },
  );
  const left = written.replace(/<!--[\s\S]*?-->/g, '').match(/<\/?laurel-[\w-]*/);
  if (left)
    problems.push({
      file,
      line: lineAt(source, source.indexOf(left[0])),
      message: `${left[0]}> is not complete; write <laurel-status />, or <laurel-button href="…">words</laurel-button>`,
    });
  return { source: written, problems };
}

/** Attributes by name, and `content`. */
function givenTo(attributes: string, content: string | undefined): ReadonlyMap<string, string> {
  const found = [
    ...attributes.matchAll(new RegExp(String.raw`([\w-]+)\s*=\s*(${value})`, 'g')),
  ].map(([, name = '', quoted = '']): [string, string] => [name, quoted.slice(1, -1)]);
  const inner = content?.trim() ?? '';
  return new Map(inner === '' ? found : [...found, ['content', inner]]);
}

const slotNames = (slots: readonly RegExpExecArray[]) =>
  [...new Set(slots.map(([, name]) => name))].filter((name) => name !== 'content').join(', ');
