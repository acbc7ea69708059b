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

/** Something a mail uses that some of its brand's mail clients don't know. */
export type Lacking = {
  /** As caniemail.com calls it. */
  readonly feature: string;
  /** `gmail.ios`, `outlook.windows`, those of the brand's audience that lack it. */
  readonly clients: readonly string[];
  /** What to do; null where a mail merely looks plainer without. */
  readonly fix: string | null;
};

/** Says of one mail what some of its brand's mail clients don't support. */
export type ClientSupport = {
  readonly lacking: (mail: Mail) => readonly Lacking[];
  readonly found: (mail: Mail) => readonly Found[];
};

/** Opens the data of caniemail.com; null where it isn't installed, which is so outside of a checkout. */
export async function openClientSupport(): Promise<ClientSupport | null> {
  const library = await ifInstalled(() => import('caniemail'));
  if (!library) return null;
  const known = new Map<string, readonly Lacking[]>();
  const lacking = ({ html, elements, brand: { audience } }: Mail) => {
    const used = featuresOf(html, elements);
    const key = `${audience.join()}\n${used}`;
    const before = known.get(key);
    if (before) return before;
    const clientsOf = audience.map((family) => `${family}.*` as const);
    const issues = asked(
      used,
      (text) => library.caniemail({ clients: clientsOf, html: text }).issues,
    );
    const clients = new Map<string, Set<string>>();
    for (const [client, features] of issues.errors)
      for (const { title } of features)
        clients.set(title, (clients.get(title) ?? new Set()).add(client));
    const found = [...clients].map(([feature, those]) => ({
      feature,
      clients: [...those],
      fix: structural.find(([pattern]) => pattern.test(feature))?.[1] ?? null,
    }));
    known.set(key, found);
    return found;
  };
  return { lacking, found: (mail) => foundOf(lacking(mail)) };
}

/** Asks, and again without what the data has gaps at: of that, nothing can be said. */
function asked<Answer>(html: string, ask: (html: string) => Answer): Answer {
  try {
    return ask(html);
  } catch (error) {
    const property =
      error instanceof RangeError
        ? /^Feature "([\w-]+)" not found/.exec(error.message)?.[1]
        : undefined;
    const without =
      property === undefined
        ? html
        : html.replace(new RegExp(String.raw`(^|[\s;{"])${property}\s*:[^;"}]*`, 'gm'), '$1');
    if (without === html) throw error;
    return asked(without, ask);
  }
}

function foundOf(lacking: readonly Lacking[]): Found[] {
  const found = lacking.flatMap(({ feature, clients, fix }) =>
    fix === null
      ? []
      : [warning(`${feature} is not supported by ${clients.join(', ')}`, fix, feature)],
  );
  const decoration = lacking.filter(({ fix }) => fix === null).map(({ feature }) => feature);
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
