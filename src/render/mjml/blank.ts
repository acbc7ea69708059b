import { print, testOf } from './conditions.ts';
import type { Block, Element, Node } from './tree.ts';

/**
 * MJML leaves the label of a social element out where there is none. Where that depends on values, it is asked for: the
 * element then comes with its label and without.
 */
export const labelled = (nodes: readonly Node[]): readonly Node[] =>
  nodes.map((node) => {
    if (node.kind === 'element')
      return node.name === 'mj-social-element'
        ? label(node)
        : { ...node, children: labelled(node.children) };
    if (node.kind !== 'block') return node;
    const { inside, otherwise } = node;
    return {
      ...node,
      inside: labelled(inside),
      otherwise: otherwise && { ...otherwise, nodes: labelled(otherwise.nodes) },
    };
  });

function label(element: Element): Node {
  const says = somethingIn(element.children);
  if (says === true || says === null) return element;
  const { file, line } = element;
  const at = (source: string) => ({ source, file, line });
  return {
    kind: 'block',
    open: at(`{{#if ${says}}}`),
    inside: [element],
    otherwise: { written: at('{{else}}'), nodes: [{ ...element, children: [] }] },
    close: at('{{/if}}'),
    within: [],
  };
}

/** An expression that holds where the nodes say anything; true where they always do, null where they never do. */
function somethingIn(nodes: readonly Node[]): string | true | null {
  const parts = nodes.map((node) => {
    if (node.kind === 'text') return node.text.trim() === '' ? null : true;
    if (node.kind === 'value') return `(lrlSays ${expressionOf(node.written.source)})`;
    return node.kind === 'block' ? somethingInBlock(node) : true;
  });
  if (parts.includes(true)) return true;
  const asked = parts.filter((part) => typeof part === 'string');
  return asked.length === 0 ? null : asked.reduce((a, b) => `(or ${a} ${b})`);
}

function somethingInBlock({ open, inside, otherwise }: Block): string | true | null {
  const { helper, subject, named } = testOf(open);
  const asked = `${print(subject)}${named}`;
  // What is in a loop is taken to say something, for names mean something else in there.
  const yes = helper === 'each' || helper === 'with' ? true : somethingIn(inside);
  const no = otherwise ? somethingIn(otherwise.nodes) : null;
  const [holds, fails] = helper === 'unless' ? [no, yes] : [yes, no];
  if (holds === true && fails === true) return true;
  const either = [
    holds === null ? '' : holds === true ? asked : `(and ${asked} ${holds})`,
    fails === null ? '' : fails === true ? `(not ${asked})` : `(and (not ${asked}) ${fails})`,
  ].filter((one) => one !== '');
  return either.length === 0 ? null : either.reduce((a, b) => `(or ${a} ${b})`);
}

/** `{{name}}` → `name`, `{{t "key"}}` → `(t "key")`. */
function expressionOf(source: string): string {
  const inner = source.replace(/^\{\{~?\s*/, '').replace(/\s*~?\}\}$/, '');
  return /\s/.test(inner) ? `(${inner})` : inner;
}
