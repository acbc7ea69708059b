/*
 * What Postmark makes of its templates. Its engine, Mustachio, is for .NET and on no registry of ours, so this follows what it
 * documents and does: a section opens what it names and never loops, `each` alone loops, nothing is looked up further out,
 * and `../` goes back one part of a path at a time, out of a loop by way of its list.
 */

type Place = { readonly value: unknown; readonly parent: Place | null };
type Node = string | { readonly tag: string; readonly path: string; readonly inside: Node[] };

export function theirMustachio(source: string, data: unknown): string {
  const tokens = source.split(/(\{\{\{?[^{}]*\}?\}\})/);
  const root: Place = { value: data, parent: null };
  return print(parse(tokens, ''), root);
}

function parse(tokens: string[], until: string): Node[] {
  const nodes: Node[] = [];
  for (let token = tokens.shift(); token !== undefined; token = tokens.shift()) {
    const said = /^\{\{\{?\s*([#^/!&]?)\s*(each\s)?\s*([^{}]*?)\s*\}?\}\}$/.exec(token);
    if (!said) {
      nodes.push(token);
      continue;
    }
    const [, sign = '', each = '', path = ''] = said;
    if (sign === '!') continue;
    if (sign === '/') {
      if (path !== until) throw new Error(`{{/${path}}} ends {{#${until}}}`);
      return nodes;
    }
    const isBlock = sign === '#' || sign === '^';
    const ends = each === '' ? path : 'each';
    nodes.push({
      tag: each === '' ? sign : 'each',
      path,
      inside: isBlock ? parse(tokens, ends) : [],
    });
  }
  return nodes;
}

function at(place: Place, path: string): Place {
  let found = place;
  for (const [part] of path.matchAll(/\.\.\/|[^./]+/g))
    if (part === '../') found = found.parent ?? found;
    else {
      const { value } = found;
      const held: unknown =
        typeof value === 'object' && value !== null && !Array.isArray(value)
          ? Reflect.get(value, part)
          : undefined;
      found = { value: held, parent: found };
    }
  return found;
}

const isThere = (value: unknown) =>
  Array.isArray(value) ? value.length > 0 : Boolean(value) || Number.isNaN(value);

function print(nodes: readonly Node[], place: Place): string {
  return nodes
    .map((node) => {
      if (typeof node === 'string') return node;
      const found = at(place, node.path);
      const { value } = found;
      switch (node.tag) {
        case 'each':
          return Array.isArray(value)
            ? value.map((one) => print(node.inside, { value: one, parent: found })).join('')
            : '';
        case '#':
          return isThere(value) ? print(node.inside, found) : '';
        case '^':
          return isThere(value) ? '' : print(node.inside, found);
        default:
          return typeof value === 'string' || typeof value === 'number' ? `${value}` : '';
      }
    })
    .join('');
}
