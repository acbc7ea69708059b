import { z } from 'zod';

import { canonicalAddress } from '../../core/address.ts';
import { Common } from './settings.ts';

/** What people are known by in other systems. */
export type KeyKind = z.infer<typeof Common>['by'];

/** What a source has about one person, unchecked; null where it has nothing. `asOf` where the source as a whole has a time. */
export type Told = { readonly record: unknown; readonly asOf?: Date } | null;

/** One other system, opened. Knows how to ask it; what its answers mean is up to its mapping. */
export type Source = {
  /**
   * What it has about the person with this key. The record names whom it is about (`identity`), which is checked by
   * whoever asked. @throws SourceFault when it can't answer, or with something that is no answer
   */
  readonly ask: (key: string, signal: AbortSignal) => Promise<Told>;
  /** Whether it answers and its settings fit, in a few words. @throws what is wrong */
  readonly check: () => Promise<string>;
  readonly close: () => Promise<void>;
};

/** What sources are given from outside. */
export type SourceParts = {
  /** An environment variable whose name starts with `SOURCE_`. */
  readonly secret: (name: string) => string | undefined;
  /** Networks that may be called although they are private, in CIDR notation. */
  readonly networks: readonly string[];
  /** Where files with relative paths lie. */
  readonly folder: string;
  /** Collects keys that are asked for at once into one question; see src/core/micro-batch.ts. */
  readonly batch: Batch;
  readonly now: () => Date;
};

type Batch = <Key, Value>(
  load: (keys: readonly Key[]) => Promise<readonly Value[]>,
  limits: { readonly max: number; readonly inFlight: number },
) => (key: Key) => Promise<Value>;

/** A kind of source. `Common` settings are the same for all of them. */
export type SourceKind = {
  readonly kind: string;
  /** Names of its own settings. */
  readonly keys: readonly string[];
  readonly settings: z.ZodType;
  /** @throws InvalidInput where the settings fit their schema and still can't work: a secret that isn't there */
  readonly open: (settings: unknown, common: Common, parts: SourceParts) => Source;
};

/** Infers the type of a kind's own settings from their schema; a kind's file has this as its one export. */
export function defineSource<Own extends z.ZodObject>(kind: {
  readonly kind: string;
  readonly settings: Own;
  readonly open: (settings: z.output<Own>, common: Common, parts: SourceParts) => Source;
}): SourceKind {
  return {
    kind: kind.kind,
    keys: Object.keys(kind.settings.shape),
    settings: kind.settings,
    open: (settings, common, parts) => kind.open(kind.settings.parse(settings), common, parts),
  };
}

/** A key in the one spelling that is compared; null for what is no key. */
export function keyOf(by: KeyKind, value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const text = String(value).trim();
  if (text === '') return null;
  return by === 'email' ? canonicalAddress(text) : text;
}
