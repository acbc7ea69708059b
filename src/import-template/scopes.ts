import { type Field, use } from './fields.ts';

type Frame = {
  /** What ends it in Laurel's words. */
  readonly closes: string;
  /** What names mean in it; null where it is only a condition. */
  field: Field | null;
  names: ReadonlyMap<string, Field | null>;
  readonly loop: boolean;
  readonly way: readonly Step[];
};

/** Where `../` leads, where it goes back by parts of paths: from the data, or an open block (its number), by these parts. */
type Step = { readonly from: number; readonly parts: readonly string[]; readonly list?: true };

/** What a name leads to: how it is written in Laurel, and the field it is of. */
export type Found = { readonly written: string; readonly field: Field | null };

/** Laurel's own helpers: a field of that name has to be said to be one. */
const helperNames = new Set(
  't money minus points number percent date relative month entitlement link eq gt not and or lookup join'.split(
    ' ',
  ),
);

const unsubscribing =
  /^(unsubscribe|unsubscribe_?url|unsubscribe_preferences|unsubscribe_?link|unsub)$/i;
export const isUnsubscribe = (name: string): boolean => unsubscribing.test(name.trim());

/** The blocks that are open while a template is read, and what names mean in them. */
export class Scopes {
  readonly #root: Field;
  readonly #frames: Frame[] = [];
  readonly #byParts: boolean;
  onRoot: () => void = () => {};

  /** @param byParts whether each part of a path is a step of its own for `../`, as at Postmark, and a loop's list is one, too */
  constructor(root: Field, byParts: boolean) {
    this.#root = root;
    this.#byParts = byParts;
  }

  get depth(): number {
    return this.#frames.length;
  }

  /** @param path what it asks for, where it is a section */
  condition(closes: string, path?: hbs.AST.PathExpression): void {
    this.#frames.push({
      closes,
      field: null,
      names: new Map(),
      loop: false,
      way: path ? this.#wayTo(path) : this.#way,
    });
  }

  enter(
    closes: string,
    field: Field,
    path: hbs.AST.PathExpression,
    names: readonly string[] = [],
  ): void {
    const named = new Map(names.map((name, at) => [name, at === 0 ? field : null]));
    const loop = closes === 'each';
    const way = this.#wayTo(path);
    const inside = { from: this.#frames.filter((frame) => frame.field).length, parts: [] };
    const list = way.slice(-1).map((step): Step => (loop ? { ...step, list: true } : inside));
    this.#frames.push({
      closes,
      field,
      names: named,
      loop,
      way: [...way.slice(0, -1), ...list, ...(loop ? [inside] : [])],
    });
  }

  get #way(): readonly Step[] {
    return this.#frames.at(-1)?.way ?? [{ from: -1, parts: [] }];
  }

  #wayTo(path: hbs.AST.PathExpression): readonly Step[] {
    const way = this.#way.slice(0, Math.max(0, this.#way.length - path.depth));
    let { from, parts } = way.at(-1) ?? { from: -1, parts: [] };
    if (way.length === 0) way.push({ from, parts });
    for (const part of path.parts) {
      if (part === 'this') continue;
      parts = [...parts, part];
      way.push({ from, parts });
    }
    return way;
  }

  /** Where `../` leads in this dialect; undefined where it is as in Handlebars, a block at a time. */
  #back(depth: number, rest: readonly string[]): Step | undefined {
    if (!this.#byParts || depth === 0) return undefined;
    const step = this.#way.at(-1 - depth) ?? this.#way[0];
    // A list has no names.
    return step?.list && rest.length > 0 ? undefined : step;
  }

  /** After `else` names mean what they mean outside. */
  otherwise(): void {
    const frame = this.#frames.at(-1);
    if (!frame) return;
    frame.field = null;
    frame.names = new Map();
  }

  /** What ends the innermost block; undefined where none is open. */
  leave(): string | undefined {
    return this.#frames.pop()?.closes;
  }

  /** Resolves a name and notes what it is used for. `where` is file and line. */
  find(path: hbs.AST.PathExpression, kind: Field['kind'], where: string): Found {
    const parts = path.parts.filter((part) => part !== 'this');
    const [first = ''] = parts;
    if (path.data && first !== 'root') {
      const loop = this.#frames.findLast((frame) => frame.loop)?.field;
      if (first === 'key' && loop) loop.keyed = true;
      return { written: `@${parts.join('.')}`, field: null };
    }
    const entered = this.#frames.flatMap(({ field }, at) => (field ? [{ field, at }] : []));
    const named =
      path.depth === 0 && !path.data
        ? this.#frames.findLastIndex(({ names }) => names.has(first))
        : -1;
    if (named >= 0) {
      const field = this.#frames[named]?.names.get(first);
      return {
        written: printed(parts),
        field: field
          ? use(field, parts.slice(1), { kind, where, conditional: this.#asksAfter(named) })
          : null,
      };
    }
    const back = this.#back(path.depth, parts);
    const level = path.data ? -1 : (back?.from ?? entered.length - 1 - path.depth);
    const from = entered[level];
    const rest = path.data ? parts.slice(1) : [...(back?.parts ?? []), ...parts];
    if (!from) {
      if (rest.length === 1 && isUnsubscribe(rest[0] ?? ''))
        return {
          written: entered.length > 0 ? '@root.links.unsubscribe' : 'links.unsubscribe',
          field: null,
        };
      this.onRoot();
      const field = use(this.#root, rest, { kind, where, conditional: this.#asksAfter(-1) });
      return {
        written: `${entered.length > 0 ? '@root.' : ''}data${rest.length > 0 ? `.${printed(rest)}` : ''}`,
        field,
      };
    }
    const field = use(from.field, rest, { kind, where, conditional: this.#asksAfter(from.at) });
    const up = '../'.repeat(entered.length - 1 - level);
    if (rest.length === 0) return { written: up === '' ? 'this' : up.slice(0, -1), field };
    return {
      written: `${up}${up === '' && helperNames.has(first) ? 'this.' : ''}${printed(rest)}`,
      field,
    };
  }

  /** Whether a condition stands further in than a frame. */
  #asksAfter(at: number): boolean {
    return this.#frames.slice(at + 1).some(({ field, loop }) => !field || !loop);
  }
}

const printed = (parts: readonly string[]) =>
  parts.map((part) => (/^[A-Za-z_$][\w$]*$/.test(part) ? part : `[${part}]`)).join('.');
