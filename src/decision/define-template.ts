import type { z } from 'zod';

import type { Template, TemplateDefinition } from '../contract/template.ts';
import { type blocks, blockViews } from './blocks/index.ts';

type Block = (typeof blocks)[number];
type BlockName = Block['name'];
/** What looks of each block are given. */
type BlockViews = { readonly [One in Block as One['name']]: One['view'] };

/**
 * A template file's one export. Its data is what its schema gives, its blocks are of those there are: neither is said
 * again anywhere, and React bodies have both from here (`TemplateProps<typeof flightBooking>`).
 */
export function defineTemplate<
  Schema extends z.ZodType<Record<string, unknown>>,
  const Placed extends BlockName,
>(definition: TemplateDefinition<Schema, Placed>): Template<Schema, Pick<BlockViews, Placed>>;
export function defineTemplate(definition: TemplateDefinition): Template {
  return { ...definition, views: blockViews };
}
