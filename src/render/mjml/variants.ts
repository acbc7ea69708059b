import type { SourceProblem } from '../source/problems.ts';
import { locationText } from '../source/source-location.ts';
import { labelled } from './blank.ts';
import { outside, print, testOf } from './conditions.ts';
import { inContexts } from './contexts.ts';
import { calculates, firstCondition, mentions, tiedInLoops } from './layout.ts';
import { contentElements } from './mjml-elements.ts';
import type { Block, Context, Element, Node, Written } from './tree.ts';

/*
 * MJML calculates: how many columns share a section, how wide a picture may be. A condition it calculates with can't be
 * left in its source, so it is moved out, around the smallest element whose surroundings don't care, which is then
 * written once for each way the condition may turn out. In the end conditions stand only where MJML passes them on
 * untouched; one that concerns the head or all of the body stands around the whole document.
 */

/** How many things a list may have, for all that is known of it from where the whole document stands. */
export type MostOf = (list: string) => number | undefined;

const maxVariants = 64;
/** Rounds of a loop that makes columns, when nothing says how many there may be. */
const usualMost = 6;
const maxMost = 12;

type Settling = {
  readonly mostOf: MostOf;
  /** Which of `gutter` and `gap` the tree mentions: MJML calculates with them. */
  readonly counts: ReadonlySet<string>;
  readonly problems: SourceProblem[];
};

/** The same tree with every condition where MJML doesn't mind it. */
export function settle(
  nodes: readonly Node[],
  mostOf: MostOf,
): { readonly nodes: readonly Node[]; readonly problems: readonly SourceProblem[] } {
  const counts = new Set(['gutter', 'gap'].filter((name) => mentions(nodes, name)));
  const settling: Settling = { mostOf, counts, problems: [] };
  const whole = settleAll(settling, labelled(nodes));
  return { nodes: whole, problems: [...settling.problems, ...tiedInLoops(whole)] };
}

function settleAll(settling: Settling, list: readonly Node[]): readonly Node[] {
  return list.map((node) => {
    if (node.kind === 'element') return settleElement(settling, node);
    if (node.kind !== 'block') return node;
    const { inside, otherwise } = node;
    return {
      ...node,
      inside: settleAll(settling, inside),
      otherwise: otherwise && { ...otherwise, nodes: settleAll(settling, otherwise.nodes) },
    };
  });
}

function settleElement(settling: Settling, element: Element): Node {
  const settled: Element = contentElements.has(element.name)
    ? element
    : { ...element, children: settleAll(settling, element.children) };
  const choosing: Choosing = { ...settling, asked: [], variants: 0 };
  const chosen = choose(choosing, settled, new Map());
  if (choosing.variants <= maxVariants) return chosen;
  const conditions = [...new Set(choosing.asked.map(({ open }) => open.source))];
  settling.problems.push({
    file: element.file,
    line: element.line,
    message: `<${element.name}> would come in more than ${maxVariants} variants, for MJML calculates with ${conditions.join(', ')}; give its columns a width, or put some of them into a section of their own`,
  });
  return settled;
}

/** One element's variants, and the conditions that made them. */
type Choosing = Settling & { readonly asked: Block[]; variants: number };

/** Takes the first condition out of an element, and the others out of what that leaves. */
function choose(
  choosing: Choosing,
  element: Element,
  known: ReadonlyMap<string, number | boolean>,
): Node {
  if (choosing.variants > maxVariants) return element;
  const found = firstBlock(choosing, element);
  if (!found) {
    choosing.variants += 1;
    return element;
  }
  choosing.asked.push(found.block);
  const choice = choiceOf(choosing, found.block);
  if (!choice) return element;
  const { key, options } = choice;
  const settledBefore = options.find(({ value }) => value === known.get(key));
  if (settledBefore) return choose(choosing, found.replaced(settledBefore.nodes), known);
  const made = options.map(({ value, nodes: chosen, test }) => ({
    test,
    node: choose(choosing, found.replaced(chosen), new Map([...known, [key, value]])),
  }));
  const last = made.pop();
  return made.reduceRight(
    (otherwise, { node, test }) => ifElse(found.block.open, test, node, otherwise),
    last?.node ?? element,
  );
}

/** The first condition directly in an element that MJML would calculate with, and the element with nodes in its place. */
function firstBlock({ counts }: Settling, element: Element) {
  const tag = firstCondition(element.tag);
  if (tag)
    return {
      block: tag.block,
      replaced: (by: readonly Node[]): Element => ({ ...element, tag: tag.replaced(by) }),
    };
  const children = calculates(element, counts) ? firstCondition(element.children) : undefined;
  return (
    children && {
      block: children.block,
      replaced: (by: readonly Node[]): Element => ({
        ...element,
        children: children.replaced(by),
      }),
    }
  );
}

type Option = {
  readonly value: number | boolean;
  readonly nodes: readonly Node[];
  /** Holds for this option, when none of the earlier does. */
  readonly test: string;
};

function choiceOf(
  settling: Settling,
  block: Block,
): { readonly key: string; readonly options: readonly Option[] } | undefined {
  const { open, inside, otherwise, within } = block;
  const { helper, subject, names, named } = testOf(open);
  const lifted = outside(subject, within);
  if (!lifted) {
    settling.problems.push({
      file: open.file,
      line: open.line,
      message: `MJML calculates with ${open.source}, which can't be decided outside of the loop it stands in; loop over a plain name, and ask for plain names in it`,
    });
    return undefined;
  }
  const asked = print(lifted);
  const no = inContexts((otherwise?.nodes ?? []).map(alone), within);
  const entered = (round: Context['round']) =>
    inContexts(inside, [...within, { of: subject, names, round }]);
  switch (helper) {
    case 'each': {
      const most = mostRounds(settling, block, asked);
      const where = `${locationText(open)} ${open.source}`.replaceAll('"', "'");
      // Whichever is asked first fails where there are more.
      const options = Array.from({ length: most + 1 }, (_, count): Option => {
        const rounds = Array.from({ length: count }, (__, index) => entered({ index, count }));
        const test = `(lrlCount ${asked} ${count} ${most} "${where}")`;
        return { value: count, nodes: count === 0 ? no : rounds.flat(), test };
      });
      return { key: `each ${asked}`, options };
    }
    case 'with': {
      const yes = { value: true, nodes: entered(null), test: `(lrlSome ${asked})` };
      return { key: `with ${asked}`, options: [yes, { value: false, nodes: no, test: '' }] };
    }
    default: {
      const yes = inContexts(inside, within);
      const [holds, fails] = helper === 'unless' ? [no, yes] : [yes, no];
      return {
        key: `if ${asked}${named}`,
        options: [
          { value: true, nodes: holds, test: `${asked}${named}` },
          { value: false, nodes: fails, test: '' },
        ],
      };
    }
  }
}

function mostRounds({ mostOf, problems }: Settling, { open }: Block, list: string): number {
  const most = mostOf(list);
  if (most === undefined || most <= maxMost) return most ?? usualMost;
  problems.push({
    file: open.file,
    line: open.line,
    message: `${open.source} makes columns, of which MJML must know the number, and ${list} may have ${most}; at most ${maxMost} are written out: limit it in the schema (.max(${maxMost})), or loop over rows of a table in <mj-table>`,
  });
  return 0;
}

/** What `{{else if …}}` opened, as a condition of its own. */
function alone(node: Node): Node {
  if (node.kind !== 'block' || node.close) return node;
  const inner = node.open.source.replace(/^\{\{~?\s*else\s+/, '').replace(/\s*~?\}\}$/, '');
  const helper = /^\w+/.exec(inner)?.[0] ?? '';
  return {
    ...node,
    open: { ...node.open, source: `{{#${inner}}}` },
    close: { ...node.open, source: `{{/${helper}}}` },
  };
}

/** A condition of our own, in the place of one its author wrote. */
function ifElse(open: Written, test: string, node: Node, otherwise: Node): Block {
  const at = (source: string): Written => ({ ...open, source });
  return {
    kind: 'block',
    open: at(`{{#if ${test}}}`),
    inside: [node],
    otherwise: { written: at('{{else}}'), nodes: [otherwise] },
    close: at('{{/if}}'),
    within: [],
  };
}
