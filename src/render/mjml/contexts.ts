import { contentElements } from './mjml-elements.ts';
import type { Context, Node } from './tree.ts';

/** The nodes as they are read within contexts, outermost first, which are entered as deep in them as MJML's structure needs. */
export const inContexts = (nodes: readonly Node[], contexts: readonly Context[]): readonly Node[] =>
  contexts.reduceRight<readonly Node[]>((inner, context) => enter(inner, context), nodes);

function enter(nodes: readonly Node[], context: Context): readonly Node[] {
  return nodes.map((node): Node => {
    switch (node.kind) {
      case 'text':
        return node;
      case 'block':
        return { ...node, within: [context, ...node.within] };
      case 'value':
      case 'entered':
        return { kind: 'entered', context, nodes: [node] };
      case 'attribute':
        return { ...node, nodes: hasValues(node.nodes) ? whole(node.nodes, context) : node.nodes };
      case 'element': {
        const tag = enter(node.tag, context);
        if (!hasValues(node.children)) return { ...node, tag };
        const within = contentElements.has(node.name) || node.name === 'mj-column';
        const children = within ? whole(node.children, context) : enter(node.children, context);
        return { ...node, tag, children };
      }
      default:
        return node satisfies never;
    }
  });
}

const whole = (nodes: readonly Node[], context: Context): readonly Node[] => [
  { kind: 'entered', context, nodes },
];

const hasValues = (nodes: readonly Node[]): boolean =>
  nodes.some((node) => {
    switch (node.kind) {
      case 'text':
        return false;
      case 'element':
        return hasValues(node.tag) || hasValues(node.children);
      case 'attribute':
        return hasValues(node.nodes);
      case 'value':
      case 'block':
      case 'entered':
        return true;
      default:
        return node satisfies never;
    }
  });
