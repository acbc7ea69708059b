import type { SourceProblem } from '../source/problems.ts';
import { contentElements, passedOn } from './mjml-elements.ts';
import type { Block, Element, Node } from './tree.ts';

/** Whether MJML would calculate with conditions among its children. */
export function calculates({ name, tag, children }: Element, counts: ReadonlySet<string>): boolean {
  if (!children.some(({ kind }) => kind === 'block')) return false;
  switch (name) {
    case 'mj-style':
      return mentions(tag, 'inline');
    case 'mj-html-attribute':
      return true;
    case 'mj-body':
    case 'mj-column':
    case 'mj-hero':
    case 'mj-social':
    case 'mj-navbar':
    case 'mj-accordion':
      return false;
    case 'mj-wrapper':
      return counts.has('gap');
    case 'mj-section':
    case 'mj-group':
      return counts.has('gutter') || hasLooseColumn(children);
    default:
      return !contentElements.has(name);
  }
}

/** A column that leaves its width to MJML. */
const hasLooseColumn = (nodes: readonly Node[]): boolean =>
  nodes.some((node) => {
    if (node.kind === 'block')
      return hasLooseColumn(node.inside) || hasLooseColumn(node.otherwise?.nodes ?? []);
    return (
      node.kind === 'element' &&
      node.name !== 'mj-raw' &&
      !node.tag.some((part) => part.kind === 'attribute' && part.name === 'width')
    );
  });

/** Whether an attribute of this name is written anywhere. */
export const mentions = (nodes: readonly Node[], name: string): boolean =>
  nodes.some((node) => {
    switch (node.kind) {
      case 'attribute':
        return node.name === name;
      case 'element':
        return mentions(node.tag, name) || mentions(node.children, name);
      case 'block':
        return mentions(node.inside, name) || mentions(node.otherwise?.nodes ?? [], name);
      case 'entered':
        return mentions(node.nodes, name);
      case 'text':
      case 'value':
        return false;
      default:
        return node satisfies never;
    }
  });

/** The first block of a list, also within an attribute MJML reads, and the list with other nodes in its place. */
export function firstCondition(nodes: readonly Node[]):
  | {
      readonly block: Block;
      readonly replaced: (by: readonly Node[]) => readonly Node[];
    }
  | undefined {
  for (const [at, node] of nodes.entries()) {
    if (node.kind === 'block')
      return { block: node, replaced: (by) => nodes.toSpliced(at, 1, ...by) };
    if (node.kind !== 'attribute' || passedOn.has(node.name)) continue;
    const inner = firstCondition(node.nodes);
    if (inner)
      return {
        block: inner.block,
        replaced: (by) => nodes.toSpliced(at, 1, { ...node, nodes: inner.replaced(by) }),
      };
  }
  return undefined;
}

/** What MJML ties together by a name of which there may be one in a mail, repeated by a loop. */
export const tiedInLoops = (nodes: readonly Node[], loop?: string): SourceProblem[] =>
  nodes.flatMap((node) => {
    if (node.kind === 'block') {
      const { open, inside, otherwise } = node;
      const inner = /^\{\{~?\s*(?:#|else\s+)each\b/.test(open.source) ? open.source : loop;
      return [...tiedInLoops(inside, inner), ...tiedInLoops(otherwise?.nodes ?? [], loop)];
    }
    if (node.kind !== 'element') return [];
    const { name, tag, file, line } = node;
    const tied = name === 'mj-carousel' || (name === 'mj-navbar' && mentions(tag, 'hamburger'));
    if (!tied || loop === undefined) return tiedInLoops(node.children, loop);
    const message = `<${name}> cannot be repeated by ${loop}: its parts find each other by one name; put it before or after the loop`;
    return [{ file, line, message }];
  });
