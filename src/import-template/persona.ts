import type { Persona } from '../personas/persona.ts';
import { titleOf } from './folder.ts';

/** Somebody to preview an imported template with: a guest by the name the sample data has. */
export function personaFor(template: string, sample: unknown): Persona {
  const said = new Map(stringsIn(sample));
  const nameOf = (pattern: RegExp) => [...said].find(([key]) => pattern.test(key))?.[1];
  const name = nameOf(/^(full_?name|name|first_?name|user_?name|fname|customer)$/i) ?? 'Ana';
  return {
    id: `${template}-reader`,
    memberId: null,
    email: 'ana@example.com',
    name: /^[\p{L} .'-]{1,60}$/u.test(name) ? name : 'Ana',
    title: `Reader of “${titleOf(template)}”`,
    story: `A guest who gets “${titleOf(template)}” with its sample data, and nothing else.`,
    stories: [],
  };
}

/** Personas with one more, where it isn't among them. */
export function withPersona(json: string | undefined, persona: Persona): string {
  const list: unknown = json === undefined ? [] : JSON.parse(json);
  const before: readonly unknown[] = Array.isArray(list) ? list : [];
  const known = before.some(
    (one) => typeof one === 'object' && one !== null && 'id' in one && one.id === persona.id,
  );
  return `${JSON.stringify(known ? before : [...before, persona], null, 2)}\n`;
}

function stringsIn(value: unknown, key = ''): [string, string][] {
  if (typeof value === 'string') return [[key, value]];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([name, one]) => stringsIn(one, name));
}
