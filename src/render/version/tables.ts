import { column, defineTable, nullable } from '../../postgres/table.ts';

/** What a tenant has published. */
export const templatePublications = defineTable('template_publications', {
  template: column.text(),
  hash: column.text(),
  publishedAt: column.timestamp(),
  by: column.text(),
  note: nullable(column.text()),
  /** Errors its checks found, where somebody published it all the same. */
  overlooked: column.integer(),
});

/** What was made live, one after the other. */
export const templatePointings = defineTable('template_pointings', {
  template: column.text(),
  /** Null: the templates folder. */
  hash: nullable(column.text()),
  how: column.text<'publish' | 'use' | 'rollback'>(),
  at: column.timestamp(),
  by: column.text(),
  why: nullable(column.text()),
});
