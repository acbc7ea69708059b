import type { SourceLocation } from '../source/source-location.ts';

/** One `{{…}}` as its author wrote it. */
export type Written = SourceLocation & { readonly source: string };

/** One round of a loop, or a `{{#with}}`: what names mean in there. */
export type Context = {
  readonly of: hbs.AST.Expression;
  readonly names: readonly string[];
  /** Which of how many; null for `with`. */
  readonly round: { readonly index: number; readonly count: number } | null;
};

export type Text = {
  readonly kind: 'text';
  readonly text: string;
  readonly file: string;
  readonly line: number;
};

export type Value = { readonly kind: 'value'; readonly written: Written };

/** `{{#if …}}` and its like, with what stands between. */
export type Block = {
  readonly kind: 'block';
  readonly open: Written;
  readonly inside: readonly Node[];
  /** `{{else}}`; of `{{else if …}}` the only node is a block without a close of its own. */
  readonly otherwise: { readonly written: Written; readonly nodes: readonly Node[] } | null;
  /** Null for one that was opened by an `{{else …}}`. */
  readonly close: Written | null;
  /** Loops it was taken out of: what its names mean, outermost first. */
  readonly within: readonly Context[];
};

/** An MJML element; html within MJML's text elements is text. */
export type Element = {
  readonly kind: 'element';
  readonly name: string;
  readonly file: string;
  readonly line: number;
  /** From `<` to `>`: texts, attributes, and conditions around whole attributes. */
  readonly tag: readonly Node[];
  readonly children: readonly Node[];
  /** Empty for `<…/>`. */
  readonly close: string;
};

/** An attribute of an MJML element, with its quotes. */
export type Attribute = {
  readonly kind: 'attribute';
  readonly name: string;
  readonly nodes: readonly Node[];
};

/** What is read as in one round of a loop, though it stands outside of it. */
export type Entered = {
  readonly kind: 'entered';
  readonly context: Context;
  readonly nodes: readonly Node[];
};

export type Node = Text | Value | Block | Element | Attribute | Entered;

type Frame = {
  nodes: Node[];
  /** What stands before the `{{else}}`, once one was met. */
  before?: { readonly nodes: readonly Node[]; readonly written: Written };
  /** Opened by an `{{else …}}`: ends with the block it belongs to. */
  readonly chained: boolean;
  readonly finish: (frame: Frame, close: Written | null, text: string) => Node;
};

/** Builds a tree from what a walk through files meets, in order. Of files with mistakes it is of no use, nor used. */
export class TreeBuilder {
  readonly nodes: Node[] = [];
  readonly #frames: Frame[] = [];

  text(text: string, file: string, line: number): void {
    if (text !== '') this.#add({ kind: 'text', text, file, line });
  }

  value(written: Written): void {
    this.#add({ kind: 'value', written });
  }

  open(written: Written, chained = false): void {
    this.#push(chained, ({ nodes, before }, close) => ({
      kind: 'block',
      open: written,
      inside: before ? before.nodes : nodes,
      otherwise: before ? { written: before.written, nodes } : null,
      close: chained ? null : close,
      within: [],
    }));
  }

  else(written: Written): void {
    const frame = this.#frames.at(-1);
    if (!frame) return;
    frame.before = { nodes: frame.nodes, written };
    frame.nodes = [];
    if (/^\{\{~?\s*else\s+\w/.test(written.source)) this.open(written, true);
  }

  close(written: Written): void {
    while (this.#frames.at(-1)?.chained) this.#end(null, '');
    this.#end(written, '');
  }

  /** From `<name` on, until `inside`. */
  element(name: string, file: string, line: number): void {
    this.#push(false, ({ nodes, before }, _, close) => ({
      kind: 'element',
      name,
      file,
      line,
      tag: before?.nodes ?? [],
      children: nodes,
      close,
    }));
  }

  /** The tag is complete; what comes now are children. */
  inside(): void {
    const frame = this.#frames.at(-1);
    if (!frame) return;
    frame.before = { nodes: frame.nodes, written: nowhere };
    frame.nodes = [];
  }

  endElement(close: string): void {
    this.#end(null, close);
  }

  attribute(name: string): void {
    this.#push(false, ({ nodes }) => ({ kind: 'attribute', name, nodes }));
  }

  endAttribute(): void {
    this.#end(null, '');
  }

  #add(node: Node) {
    (this.#frames.at(-1)?.nodes ?? this.nodes).push(node);
  }

  #push(chained: boolean, finish: Frame['finish']) {
    this.#frames.push({ nodes: [], chained, finish });
  }

  #end(close: Written | null, text: string) {
    const frame = this.#frames.pop();
    if (frame) this.#add(frame.finish(frame, close, text));
  }
}

const nowhere: Written = { source: '', file: '', line: 0 };
