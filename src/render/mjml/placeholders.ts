import { print } from './conditions.ts';
import { contentElements } from './mjml-elements.ts';
import type { Block, Context, Node, Written } from './tree.ts';

/** One `{{…}}` of a document. */
export type Site = Written & {
  readonly kind: 'open' | 'else' | 'close' | 'value';
  /** Which conditions and loops it stands in. */
  readonly scope: string;
};

/** One MJML document, with placeholders no markup tool will touch where a `{{…}}` stands. */
export type MjmlDocument = {
  readonly markup: string;
  readonly sites: readonly Site[];
  /** Where each line of `markup` was written. */
  readonly origins: readonly { readonly file: string; readonly line: number }[];
};

/** A document, or two and what decides between them. */
export type Documents =
  | { readonly kind: 'one'; readonly document: MjmlDocument }
  | {
      readonly kind: 'either';
      /** `{{#if …}}`. */
      readonly test: Written;
      readonly holds: Documents;
      readonly fails: Documents;
    };

const placeholder = (index: number) => `lrl0s${index}x`;
/** A placeholder, as a tool may have written it that takes it for an attribute. */
export const placeholders = /lrl0s(\d+)x(?:="")?/g;

/** A tree of html all through, as one document. */
export const htmlDocument = (nodes: readonly Node[]): MjmlDocument => write(nodes, 'text');

/** The documents of a settled tree, each once. */
export function documentsOf(nodes: readonly Node[]): Documents {
  const root = nodes.find(({ kind }) => kind === 'block' || kind === 'element');
  if (root?.kind !== 'block') return { kind: 'one', document: write(nodes) };
  return {
    kind: 'either',
    test: root.open,
    holds: documentsOf(root.inside),
    fails: documentsOf(root.otherwise?.nodes ?? []),
  };
}

type Place = 'structure' | 'text';

function write(nodes: readonly Node[], ground: Place = 'structure'): MjmlDocument {
  const sites: Site[] = [];
  const origins: { file: string; line: number }[] = [];
  const open: number[] = [];
  const chunks: string[] = [];
  writeAll(nodes, ground);
  return { markup: chunks.join(''), sites, origins };

  function writeAll(list: readonly Node[], place: Place) {
    for (const node of list) writeNode(node, place);
  }

  function writeNode(node: Node, place: Place) {
    switch (node.kind) {
      case 'text':
        text(node.text, node.file, node.line);
        break;
      case 'value':
        site('value', node.written, place);
        break;
      case 'attribute':
        writeAll(node.nodes, 'text');
        break;
      case 'element':
        writeAll(node.tag, 'text');
        writeAll(node.children, contentElements.has(node.name) ? 'text' : 'structure');
        if (node.close !== '') text(node.close, node.file, node.line);
        break;
      case 'entered':
        enter(node.context, place, () => writeAll(node.nodes, place));
        break;
      case 'block':
        block(node, place);
        break;
      default:
        node satisfies never;
    }
  }

  function block({ within: [outermost, ...within], ...rest }: Block, place: Place) {
    if (outermost) enter(outermost, place, () => block({ ...rest, within }, place));
    else {
      const { open: opening, inside, otherwise, close } = rest;
      if (close) site('open', opening, place);
      writeAll(inside, place);
      if (otherwise) {
        site('else', otherwise.written, place);
        writeAll(otherwise.nodes, place);
      }
      if (close) site('close', close, place);
    }
  }

  function enter({ of, names, round }: Context, place: Place, writeInside: () => void) {
    const as = names.length > 0 ? ` as |${names.join(' ')}|` : '';
    const [name, at] = round ? ['lrlItem', ` ${round.index}`] : ['with', ''];
    const here = origins.at(-1) ?? { file: '', line: 1 };
    site('open', { source: `{{#${name} ${print(of)}${at}${as}}}`, ...here }, place);
    writeInside();
    site('close', { source: `{{/${name}}}`, ...here }, place);
  }

  function site(kind: Site['kind'], written: Written, place: Place) {
    if (kind === 'close' || kind === 'else') open.pop();
    const index = sites.push({ ...written, kind, scope: open.join('/') }) - 1;
    if (kind === 'open' || kind === 'else') open.push(index);
    const mark = placeholder(index);
    text(place === 'structure' ? `<mj-raw>${mark}</mj-raw>` : mark, written.file, written.line);
  }

  function text(chunk: string, file: string, line: number) {
    const lines = chunk.split('\n').length - 1;
    if (origins.length === 0) origins.push({ file, line });
    for (let i = 1; i <= lines; i += 1) origins.push({ file, line: line + i });
    chunks.push(chunk);
  }
}
