import type { z } from 'zod';

import type { Template, TemplateDefinition } from '../contract/template.ts';
import type { Block } from './blocks/block.ts';
import { type blocks, blockViews } from './blocks/index.ts';

type BuiltIn = (typeof blocks)[number];
type BlockName = BuiltIn['name'];
/** What looks of each block are given. */
type BlockViews = { readonly [One in BuiltIn as One['name']]: One['view'] };

/** The view of a block, Laurel's or one of a project's own. */
type ViewOf<Name, Own extends Block> = Name extends keyof BlockViews
  ? BlockViews[Name]
  : Extract<Own, { readonly name: Name }> extends { readonly view: infer View extends z.ZodType }
    ? View
    : never;

/**
 * A template file's one export. Its data is what its schema gives, its blocks are of those there are: neither is said
 * again anywhere, and React bodies have both from here (`TemplateProps<typeof flightBooking>`).
 * @param own blocks of a project's own that it places
 */
export function defineTemplate<
  Schema extends z.ZodType<Record<string, unknown>>,
  const Placed extends BlockName,
>(definition: TemplateDefinition<Schema, Placed>): Template<Schema, Pick<BlockViews, Placed>>;
export function defineTemplate<
  Schema extends z.ZodType<Record<string, unknown>>,
  const Placed extends BlockName | Own['name'],
  Own extends Block,
>(
  definition: TemplateDefinition<Schema, Placed>,
  own: readonly Own[],
): Template<Schema, { readonly [Name in Placed]: ViewOf<Name, Own> }>;
export function defineTemplate(
  definition: TemplateDefinition,
  own: readonly Block[] = [],
): Template {
  const views = Object.fromEntries(own.map(({ name, view }) => [name, view]));
  return { ...definition, views: { ...blockViews, ...views } };
}
