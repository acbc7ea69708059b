import { ifInstalled } from '../../core/optional-package.ts';
import { type CheckedMail, fine, type Found, warning } from './finding.ts';

/**
 * What falls apart where a mail client doesn't know it, and what to do instead. Everything else (round corners, shadows,
 * media queries) is decoration, which may be missing.
 */
const structural: readonly (readonly [RegExp, string])[] = [
  [/^display:(inline-)?(flex|grid)/, 'lay it out with tables or <mj-column>'],
  [/^(flex-|grid-|gap|align-items|justify-content|place-)/, 'lay it out with tables'],
  [/^(position|float|clip-path|mask)/, 'lay it out with tables'],
  [/^(css variables|var\(\)|calc\(\)|clamp\(\)|min\(\)|max\(\))/i, 'write the value out'],
  [/^<(svg|video|audio|form|input|button|select|object)>/, 'use a picture, a link or text'],
  [/^(svg|webp|avif|base64|embedded)/i, 'use PNG or JPEG over https'],
  [/^(@import|@font-face)/, 'use fonts people have: a mail loads none'],
];

type Mail = Pick<CheckedMail, 'html' | 'elements'> & {
  readonly brand: Pick<CheckedMail['brand'], 'audience'>;
};

/** Says of one mail what some of its brand's mail clients don't support. */
type ClientSupport = (mail: Mail) => readonly Found[];

/** Opens the data of caniemail.com; null where it isn't installed, which is so outside of a checkout. */
export async function openClientSupport(): Promise<ClientSupport | null> {
  const library = await ifInstalled(() => import('caniemail'));
  if (!library) return null;
  const known = new Map<string, readonly Found[]>();
  return ({ html, elements, brand: { audience } }) => {
    const used = featuresOf(html, elements);
    const key = `${audience.join()}\n${used}`;
    const before = known.get(key);
    if (before) return before;
    const { issues } = library.caniemail({
      clients: audience.map((family) => `${family}.*` as const),
      html: used,
    });
    const lacking = new Map<string, Set<string>>();
    for (const [client, features] of issues.errors)
      for (const { title } of features)
        lacking.set(title, (lacking.get(title) ?? new Set()).add(client));
    const found = foundOf(lacking);
    known.set(key, found);
    return found;
  };
}

function foundOf(lacking: ReadonlyMap<string, ReadonlySet<string>>): Found[] {
  const decoration: string[] = [];
  const found: Found[] = [];
  for (const [title, clients] of lacking) {
    const fix = structural.find(([feature]) => feature.test(title))?.[1];
    if (fix === undefined) decoration.push(title);
    else found.push(warning(`${title} is not supported by ${[...clients].join(', ')}`, fix, title));
  }
  if (decoration.length > 0)
    found.push(
      fine(
        `looks plainer in some mail clients: ${decoration.toSorted().join(', ')}`,
        'nothing, as long as the mail can be read without',
      ),
    );
  return found;
}

/**
 * A small document with everything a mail uses once: its style sheets, each tag with its attributes, each declaration.
 * Mails that differ in words, figures and the number of lines have the same one.
 */
function featuresOf(html: string, elements: Mail['elements']): string {
  const sheets = html.match(/<style\b[^>]*>[\s\S]*?<\/style>/g) ?? [];
  const declarations = new Set<string>();
  const tags = new Set<string>();
  for (const { tag, attributes } of elements) {
    const names: string[] = [];
    for (const [name, value] of attributes) {
      if (name === 'style')
        for (const declaration of value.split(/;(?![^(]*\))/))
          declarations.add(
            declaration
              .trim()
              .replace(/#[0-9a-f]{3,8}\b/gi, '#000')
              .replace(/\d+/g, '1'),
          );
      else if (/^(src|href)$/.test(name))
        names.push(`${name}="${/^\w+:|\.(webp|svg|avif)\b/.exec(value)?.[0] ?? ''}"`);
      else if (name !== 'class') names.push(`${name}=""`);
    }
    if (tag !== 'style') tags.add(`<${tag} ${names.toSorted().join(' ')}></${tag}>`);
  }
  const styled = [...declarations]
    .filter((one) => one !== '')
    .map((one) => `<p style="${one.replaceAll('"', "'")}"></p>`);
  return [...sheets, ...[...tags].toSorted(), ...styled.toSorted()].join('\n');
}
