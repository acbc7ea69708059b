import { shortHash } from '../../contract/template-version.ts';
import type { Template } from '../../contract/template.ts';
import { UsageError } from '../failure.ts';

/** Who does something to a template, and why. */
export type ByOptions = { readonly by: string; readonly why?: string };

/** How a version is written for people: its hash's beginning, or where it comes from. */
export const nameVersion = (hash: string | null): string =>
  hash === null ? 'the templates folder' : shortHash(hash);

/** @throws UsageError where there is no such template */
export function requireTemplate(templates: readonly Template[], name: string): string {
  const names = templates.map((template) => template.name);
  if (names.includes(name)) return name;
  throw new UsageError(`there is no template ${name}; there are ${names.join(', ')}`);
}
