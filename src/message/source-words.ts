import type { Decision } from '../contract/decision.ts';

/** How each profile source answered and what nobody could tell, a line each; nothing where the ledger alone was asked. */
export function sourceLines({ sources, unknown }: Decision['basis']): string[] {
  if (!sources) return [];
  const lines = sources.map(({ source, state, why, asOf, fields, problems }) => {
    const parts = [
      why === undefined ? state : `${state}, ${why}`,
      ...(asOf === null ? [] : [`as of ${asOf.slice(0, 19).replace('T', ' ')} UTC`]),
      ...(fields.length > 0 ? [fields.join(', ')] : []),
      ...(problems ?? []).map(({ field, message }) => `${field} not taken: ${message}`),
    ];
    return `${source}: ${parts.join('; ')}`;
  });
  return unknown && unknown.length > 0 ? [...lines, `not known: ${unknown.join(', ')}`] : lines;
}
