import type pg from 'pg';
import type { Logger } from 'pino';

import type { Config } from './config.ts';
import type { Template } from './contract/template.ts';
import type { TraceAccepting } from './contract/tracing.ts';
import type { LoadedBrand } from './render/voice/brand-files.ts';

/** What routes, commands and the worker work with: opened once, and handed to the functions of the rooms. */
export type Context = {
  readonly config: Config;
  readonly pool: pg.Pool;
  /** Brands of this installation, by id. */
  readonly brands: ReadonlyMap<string, LoadedBrand>;
  /** Templates that can be asked for. */
  readonly templates: readonly Template[];
  readonly now: () => Date;
  readonly log: Logger;
  /** Told of messages that are accepted, where somebody traces that. */
  readonly accepting?: TraceAccepting | undefined;
};
