import type { Chart } from '../../contract/chart.ts';
import type { LinkedData } from '../../contract/linked-data.ts';
import type { View } from '../../contract/template.ts';
import type { Format } from '../voice/format.ts';
import type { Link } from '../voice/link.ts';

/** Looks a text up; the key is written out where it is used, so that a missing one is found before sending. */
export type T = (key: string, args?: Readonly<Record<string, unknown>>) => string;

/**
 * What a React template is given. `Data` is what its schema gives, `Blocks` the views of the blocks it places; a block
 * that isn't shown is absent.
 */
export type TemplateProps<
  Data = Readonly<Record<string, unknown>>,
  Blocks = Readonly<Record<string, unknown>>,
> = {
  readonly view: Omit<View, 'data' | 'blocks'> & {
    readonly data: Data;
    readonly blocks: Partial<Blocks>;
  };
  readonly subject: string;
  readonly preheader: string;
  /** What the mail says in schema.org's words; `MailHead` writes it. */
  readonly linkedData: readonly LinkedData[];
  readonly t: T;
  readonly format: Format;
  readonly link: Link;
  /** The `src` of a chart that the mail carries with it. Its figures stand beside it as text, and its `alt` says them. */
  readonly picture: (chart: Chart) => string;
};

/** What a block's React component is given: everything the template is, and the block's view. */
export type BlockProps<BlockView> = Omit<TemplateProps<unknown>, 'view'> & {
  readonly view: Omit<View, 'data' | 'blocks'>;
  readonly block: BlockView;
};
