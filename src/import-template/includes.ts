import { blankLines, open, type Place } from './notes.ts';

const include = /<mj-include\b([^>]*?)(?:\/>|>\s*<\/mj-include>)/gi;

/**
 * `<mj-include>`: pieces of MJML become partials of the template, style sheets and html stand where they were included.
 * Adds pieces, by name.
 */
export function includesOf(
  source: string,
  place: Place,
  beside: (path: string) => string | undefined,
  pieces: Map<string, string>,
): string {
  return source.replace(include, (whole, attributes: string, at: number) => {
    const of = (name: string) =>
      new RegExp(String.raw`\b${name}\s*=\s*["']([^"']*)["']`).exec(attributes)?.[1];
    const path = of('path') ?? '';
    const text = beside(path) ?? beside(`${path}.mjml`);
    const left = (why: string) => {
      open(place, at, `${whole} is left out: ${why}`);
      return blankLines(whole);
    };
    if (text === undefined)
      return left(
        'the file isn’t there; put it beside, or its contents into the template’s folder as a partial, {{> name}}',
      );
    const type = of('type');
    if (type === 'css')
      return `<mj-style${of('css-inline') === 'inline' ? ' inline="inline"' : ''}>${text}</mj-style>${blankLines(whole)}`;
    if (type === 'html') return `<mj-raw>${text}</mj-raw>${blankLines(whole)}`;
    if (/<mj-include\b/i.test(text)) return left('it includes further files; put them together');
    if (/<mj-head\b/i.test(text))
      return left(
        'it has a head of its own; put that into the head of the template and the rest into a partial',
      );
    const inner = /<mj-body\b[^>]*>([\s\S]*)<\/mj-body>/i.exec(text)?.[1] ?? text;
    const name = (path.split('/').at(-1) ?? path).replace(/\.mjml$/, '').replace(/[^\w-]/g, '-');
    pieces.set(name, inner);
    place.notes.changed.add(
      `what it includes is a partial: ${path} is ${name}.mjml, {{> ${name}}}`,
    );
    return `{{> ${name}}}${blankLines(whole)}`;
  });
}
