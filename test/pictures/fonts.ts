import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const { resolve } = createRequire(import.meta.url);

/**
 * What stands in for a machine's fonts, by the last name of a mail's list of fonts: as wide, letter by letter, as Arial
 * and Helvetica, Georgia, and Courier New.
 */
const standIns = { 'sans-serif': 'arimo', serif: 'gelasio', monospace: 'cousine' } as const;
/** Has the letters and signs the others lack. */
const others = ['noto-sans-arabic', 'noto-sans-symbols-2'];
const weightsOf = (font: string) => (font === 'noto-sans-symbols-2' ? [400] : [400, 700]);
const lists = /(font-family:\s*)((?:&#(?:39|x27);|&quot;|[^;"<}&])+)/g;

/** Where a mail dressed in our fonts asks for their files. */
export const fontsAt = 'https://fonts.laurel.example/';

/** The file behind such an address. */
export const fontFile = (address: string): Promise<Buffer> =>
  readFile(resolve(`@fontsource/${address.slice(fontsAt.length)}`));

/**
 * Opens the fonts that pictures are taken with, so that they are the same on every machine.
 * @returns a function that makes a mail ask for these in place of its own
 */
export async function openFonts(): Promise<(html: string) => string> {
  const faces = await Promise.all([...Object.values(standIns), ...others].map(facesOf));
  const sheet = `<style>${faces.join('')}</style></head>`;
  return (html) =>
    html
      .replace(lists, (whole, start: string, list: string) =>
        list.trim() === 'inherit' ? whole : `${start}${[standInFor(list), ...others].join()}`,
      )
      .replace('</head>', sheet);
}

function standInFor(list: string): string {
  const generic = list.split(',').at(-1)?.trim();
  if (generic === 'serif' || generic === 'monospace') return standIns[generic];
  return standIns['sans-serif'];
}

/** The package's own style sheets, with names and addresses of ours. */
async function facesOf(font: string): Promise<string> {
  const sheets = await Promise.all(
    weightsOf(font).map((weight) => readFile(resolve(`@fontsource/${font}/${weight}.css`), 'utf8')),
  );
  return sheets
    .join('')
    .replace(/\/\*.*?\*\/|\n */g, '')
    .replaceAll(/font-family:[^;]+;/g, `font-family:${font};`)
    .replaceAll('font-display: swap', 'font-display:block')
    .replaceAll('url(./', `url(${fontsAt}${font}/`);
}
