import { z } from 'zod';

import { Trade } from '../brand/brand.ts';
import type { Template } from '../contract/template.ts';
import type { Db } from '../postgres/pool.ts';
import { column, defineTable, nullable, readRows } from '../postgres/table.ts';

/** Of a template and of brands, what accepting a message needs to know. */
export type Accepts = {
  readonly templates: readonly Template[];
  readonly brands: ReadonlyMap<string, { readonly brand: AcceptedBrand }>;
};

type AcceptedBrand = { readonly id: string; readonly trades: Trade[] };

export const acceptedTemplates = defineTable('accepted_templates', {
  name: column.text(),
  trade: nullable(column.text<Trade>()),
  schema: column.jsonb<object>(),
  about: nullable(column.textArray()),
});
export const acceptedBrands = defineTable('accepted_brands', {
  id: column.text(),
  trades: column.textArray(),
});

const Row = z.object({
  name: z.string(),
  trade: Trade.nullable(),
  schema: z.record(z.string(), z.unknown()),
  about: z.array(z.string()).nullable(),
});
const BrandRow = z.object({ id: z.string(), trades: z.array(Trade) });
const Data = z.record(z.string(), z.unknown());

/**
 * What the installation behind this database accepts: templates by name, with the schemas of their data and no code.
 * What a schema can't say, such as that an address has no password in it, is found when the mail is made.
 */
export async function loadAccepts(db: Db): Promise<Accepts> {
  const rows = await readRows(db, acceptedTemplates, 'order by name');
  const brands = await readRows(db, acceptedBrands, 'order by id');
  return {
    templates: z.array(Row).parse(rows).map(templateOf),
    brands: new Map(
      z
        .array(BrandRow)
        .parse(brands)
        .map((brand) => [brand.id, { brand }]),
    ),
  };
}

function templateOf({ name, trade, schema, about }: z.infer<typeof Row>): Template {
  return {
    name,
    title: name,
    class: 'transactional',
    ...(trade && { trade }),
    schema: z.fromJSONSchema(schema).transform((data) => Data.parse(data)),
    blocks: [],
    views: {},
    headline: () => ({}),
    about: (data) => {
      if (about) return subjectsOf(about, data);
      throw new RangeError(
        `what messages of "${name}" are about only its code can tell: hand them in by HTTP, or write its \`about\` as texts with fields in them`,
      );
    },
    onUnknown: 'quarantine',
  };
}

/** What a message with this data is about. */
const subjectsOf = (
  patterns: readonly string[],
  data: Readonly<Record<string, unknown>>,
): string[] =>
  patterns.map((pattern) =>
    pattern.replaceAll(/\{(\w+)\}/g, (_, field: string) => String(data[field])),
  );
