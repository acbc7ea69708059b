import { file } from './file.ts';
import { http } from './http.ts';
import type { SourceKind } from './source.ts';
import { sql } from './sql.ts';

/** Kinds of profile sources besides the ledger, which every brand has; the order doesn't matter. */
export const sourceKinds: readonly SourceKind[] = [http, sql, file];
