// Draws the pictures of the fictional brands: templates/brands/<brand>/pictures/<name>.png, twice as large as they are shown.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { initWasm, Resvg } from '@resvg/resvg-wasm';

type Ink = {
  readonly ground: string;
  readonly main: string;
  readonly light: string;
  readonly paper: string;
};
type Drawing = (ink: Ink) => string;

const inks: Readonly<Record<string, Ink>> = {
  juniper: { ground: '#efe3d0', main: '#1f5a43', light: '#f0c465', paper: '#fffdf8' },
  halden: { ground: '#e2dfd8', main: '#161616', light: '#ff6b3d', paper: '#ffffff' },
  kestrel: { ground: '#dde7f2', main: '#123c69', light: '#f0b48c', paper: '#ffffff' },
  marlowe: { ground: '#ead9ee', main: '#6a1452', light: '#ffd447', paper: '#fff8ff' },
};

const line = ({ main }: Ink, width = 4) =>
  `fill="none" stroke="${main}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"`;

/** A product on a ground of its own, so that it is seen in light and dark. 112 units a side. */
const product = (name: string, drawing: Drawing) => ({ name, width: 112, height: 112, drawing });

const coffee: Drawing = (ink) => `
  <path d="M32 46h42v22a18 18 0 0 1-18 18h-6a18 18 0 0 1-18-18z" fill="${ink.paper}"/>
  <path d="M36 54h34v4a34 12 0 0 1-34 0z" fill="${ink.light}"/>
  <path d="M32 46h42v22a18 18 0 0 1-18 18h-6a18 18 0 0 1-18-18zM74 52h6a8 8 0 0 1 0 18h-7M28 94h50" ${line(ink)}/>
  <path d="M44 36c-4-5 4-8 0-14M58 36c-4-5 4-8 0-14" ${line(ink, 3)}/>`;
const tea: Drawing = (ink) => `
  <path d="M36 38h40l-5 50H41z" fill="${ink.paper}"/><path d="M38 56h36l-3 32H41z" fill="${ink.light}"/>
  <path d="M36 38h40l-5 50H41zM38 56h36M56 38V24l10-6" ${line(ink)}/>`;
const cold: Drawing = (ink) => `
  <path d="M38 34h36l-5 54H43z" fill="${ink.paper}"/><path d="M40 50h32l-4 38H43z" fill="${ink.main}" opacity=".82"/>
  <path d="M46 56l9-4 4 9-9 4zM57 69l8-3 3 8-8 3z" fill="${ink.paper}" opacity=".85"/>
  <path d="M38 34h36l-5 54H43zM60 34l6-18" ${line(ink)}/>`;
const pastry: Drawing = (ink) => `
  <path d="M20 74c2-26 20-42 36-42s34 16 36 42c-8 6-16 4-19-4-5 4-29 4-34 0-3 8-11 10-19 4z" fill="${ink.light}"/>
  <path d="M20 74c2-26 20-42 36-42s34 16 36 42c-8 6-16 4-19-4-5 4-29 4-34 0-3 8-11 10-19 4zM39 70c0-14 3-26 8-37M73 70c0-14-3-26-8-37M28 54l14 6M84 54l-14 6" ${line(ink)}/>`;
const sandwich: Drawing = (ink) => `
  <path d="M24 52a32 20 0 0 1 64 0z" fill="${ink.light}"/><path d="M26 74h60v4a10 10 0 0 1-10 10H36a10 10 0 0 1-10-10z" fill="${ink.light}"/>
  <path d="M22 60q8 8 17 0t17 0 17 0 17 0v8H22z" fill="${ink.main}"/>
  <path d="M24 52a32 20 0 0 1 64 0zM26 74h60v4a10 10 0 0 1-10 10H36a10 10 0 0 1-10-10zM44 42h1M56 38h1M67 43h1" ${line(ink)}/>`;
const beans: Drawing = (ink) => `
  <path d="M34 32h44l4 58H30z" fill="${ink.main}"/><path d="M34 32l4-10h36l4 10z" fill="${ink.paper}"/>
  <rect x="40" y="50" width="32" height="26" rx="4" fill="${ink.paper}"/>
  <ellipse cx="56" cy="63" rx="7" ry="10" transform="rotate(24 56 63)" fill="${ink.light}"/>
  <path d="M53 55c6 5-1 10 5 16" ${line(ink, 2.5)}/><path d="M34 32l4-10h36l4 10l4 58H30z" ${line(ink)}/>`;
const mug: Drawing = (ink) => `
  <path d="M38 40h36l-3 50H41z" fill="${ink.main}"/><path d="M34 30h44v10H34z" fill="${ink.paper}"/>
  <path d="M39 58h34l-1 14H40z" fill="${ink.light}"/><path d="M34 30h44v10H34zM38 40h36l-3 50H41zM42 22h28v8" ${line(ink)}/>`;
const gift: Drawing = (ink) => `
  <rect x="22" y="36" width="68" height="44" rx="7" fill="${ink.paper}"/><path d="M22 50h68v10H22z" fill="${ink.light}"/>
  <path d="M40 36v44" ${line(ink)}/><rect x="22" y="36" width="68" height="44" rx="7" ${line(ink)}/>
  <path d="M40 36c-14-2-14-16-4-14 5 1 4 9 4 14 0-5-1-13 4-14 10-2 10 12-4 14z" ${line(ink, 3)}/>`;
const jacket: Drawing = (ink) => `
  <path d="M42 24l14 8 14-8 18 14-6 22-8-4v38H38V56l-8 4-6-22z" fill="${ink.main}"/>
  <path d="M56 32v62" stroke="${ink.light}" stroke-width="4"/><path d="M42 24l14 14 14-14" fill="none" stroke="${ink.paper}" stroke-width="4"/>
  <path d="M44 70h6M62 70h6" stroke="${ink.paper}" stroke-width="3" stroke-linecap="round"/>`;
const leggings: Drawing = (ink) => `
  <path d="M38 22h36l4 70H64L56 48 48 92H34z" fill="${ink.main}"/><path d="M38 22h36l1 10H37z" fill="${ink.light}"/>
  <path d="M70 44l3 40" stroke="${ink.paper}" stroke-width="3" stroke-linecap="round"/>`;
const shirt: Drawing = (ink) => `
  <path d="M40 28c8 8 24 8 32 0l20 14-8 16-8-4v36H36V54l-8 4-8-16z" fill="${ink.paper}"/>
  <path d="M40 28c8 8 24 8 32 0l20 14-8 16-8-4v36H36V54l-8 4-8-16z" ${line(ink)}/><path d="M62 56h6" stroke="${ink.light}" stroke-width="5" stroke-linecap="round"/>`;
const sweater: Drawing = (ink) => `
  <path d="M40 26h32l22 18-8 26-10-4v24H36V66l-10 4-8-26z" fill="${ink.light}"/>
  <path d="M40 26h32l22 18-8 26-10-4v24H36V66l-10 4-8-26zM42 26c6 8 22 8 28 0M36 82h40" ${line(ink)}/>
  <path d="M46 48l5 6 5-6 5 6 5-6" ${line(ink, 3)}/>`;
const jeans: Drawing = (ink) => `
  <path d="M34 22h44l4 70H62L56 50l-6 42H30z" fill="#4d5f73"/><path d="M34 34h44" stroke="${ink.paper}" stroke-width="2" stroke-dasharray="4 4"/>
  <path d="M34 22h44l4 70H62L56 50l-6 42H30zM56 34v10" ${line(ink)}/>`;
const beanie: Drawing = (ink) => `
  <path d="M28 70c0-28 12-40 28-40s28 12 28 40z" fill="${ink.light}"/><rect x="24" y="68" width="64" height="16" rx="6" fill="${ink.paper}"/>
  <path d="M28 68c0-26 12-38 28-38s28 12 28 38M44 34v34M68 34v34M56 30v38" ${line(ink)}/><rect x="24" y="68" width="64" height="16" rx="6" ${line(ink)}/>`;
const socks: Drawing = (ink) => `
  <path d="M44 20h24v36l16 16a11 11 0 0 1-15 17L44 66z" fill="${ink.paper}"/><path d="M44 20h24v12H44z" fill="${ink.light}"/>
  <path d="M84 72a11 11 0 0 1-15 17l-8-7 15-18z" fill="${ink.light}"/><path d="M44 20h24v36l16 16a11 11 0 0 1-15 17L44 66zM44 32h24M44 42h24" ${line(ink)}/>`;
const ticket: Drawing = (ink) => `
  <g transform="rotate(-12 56 56)"><path d="M18 38h76v12a7 7 0 0 0 0 14v12H18V64a7 7 0 0 0 0-14z" fill="${ink.light}"/>
  <path d="M18 38h76v12a7 7 0 0 0 0 14v12H18V64a7 7 0 0 0 0-14z" ${line(ink)}/><path d="M70 42v32" stroke="${ink.main}" stroke-width="3" stroke-dasharray="4 5"/>
  <path d="M44 47l3 7 7 .6-5.400 4.800 1.700 7.200-6.300-3.900-6.300 3.900 1.700-7.200-5.400-4.800 7-.6z" fill="${ink.main}"/></g>`;
const popcorn: Drawing = (ink) => `
  <circle cx="42" cy="38" r="10" fill="${ink.light}"/><circle cx="58" cy="30" r="11" fill="${ink.light}"/><circle cx="72" cy="39" r="10" fill="${ink.light}"/>
  <circle cx="42" cy="38" r="10" ${line(ink, 3)}/><circle cx="58" cy="30" r="11" ${line(ink, 3)}/><circle cx="72" cy="39" r="10" ${line(ink, 3)}/>
  <path d="M32 46h48l-7 46H39z" fill="${ink.paper}"/><path d="M44 46h8l1 46h-7zM62 46h8l-4 46h-7z" fill="${ink.main}"/><path d="M32 46h48l-7 46H39z" ${line(ink)}/>`;
const soda: Drawing = (ink) => `
  <path d="M36 42h40l-5 50H41z" fill="${ink.main}"/><path d="M32 34h48v9H32z" fill="${ink.paper}"/><path d="M32 34h48v9H32zM36 43h40l-5 49H41zM58 34l5-20h9" ${line(ink)}/>
  <circle cx="56" cy="66" r="10" fill="${ink.light}"/>`;
const poster: Drawing = (ink) => `
  <rect x="32" y="18" width="48" height="72" rx="3" fill="${ink.paper}"/><circle cx="56" cy="46" r="15" fill="${ink.light}"/>
  <path d="M32 76c14-18 32-20 48-6v20H32z" fill="${ink.main}"/><rect x="32" y="18" width="48" height="72" rx="3" ${line(ink)}/>`;

/** A brand's sign, which stands beside its name: 80 units a side. */
const mark = (drawing: Drawing) => ({ name: 'mark', width: 80, height: 80, drawing });

const pictures = {
  juniper: [
    mark(
      ({ main, light, paper }) => `<circle cx="40" cy="40" r="38" fill="${main}"/>
      <path d="M40 62V26" stroke="${paper}" stroke-width="4" stroke-linecap="round"/>
      <path d="M40 50c-14 0-18-8-18-14 12 0 18 6 18 14zM40 50c14 0 18-8 18-14-12 0-18 6-18 14zM40 34c-9-1-12-7-12-12 8 0 12 5 12 12zM40 34c9-1 12-7 12-12-8 0-12 5-12 12z" fill="${paper}"/>
      <circle cx="27" cy="55" r="5" fill="${light}"/><circle cx="54" cy="57" r="4" fill="${light}"/>`,
    ),
    product('coffee', coffee),
    product('tea', tea),
    product('cold-brew', cold),
    product('pastry', pastry),
    product('sandwiches', sandwich),
    product('beans', beans),
    product('mugs', mug),
    product('gifts', gift),
  ],
  halden: [
    mark(
      ({ main, light, paper }) => `<rect x="2" y="2" width="76" height="76" rx="10" fill="${main}"/>
      <path d="M14 60l16-30 10 16 8-12 18 26z" fill="${paper}"/><circle cx="56" cy="24" r="7" fill="${light}"/>`,
    ),
    product('jackets', jacket),
    product('activewear', leggings),
    product('basics', shirt),
    product('knitwear', sweater),
    product('denim', jeans),
    product('accessories', beanie),
    product('socks', socks),
  ],
  kestrel: [
    mark(
      ({ main, light, paper }) => `<circle cx="40" cy="40" r="38" fill="${main}"/>
      <path d="M12 34c14-4 24 0 30 8 6-10 16-18 28-18-8 6-12 14-16 24-4 8-12 12-22 10 6-2 8-6 8-10-6-8-16-12-28-14z" fill="${paper}"/><circle cx="55" cy="31" r="3" fill="${light}"/>`,
    ),
  ],
  marlowe: [
    mark(
      ({ main, light }) => `<rect x="2" y="2" width="76" height="76" rx="20" fill="${main}"/>
      <path d="M18 58V24l22 20 22-20v34" fill="none" stroke="${light}" stroke-width="9" stroke-linejoin="round" stroke-linecap="round"/>`,
    ),
    product('tickets', ticket),
    product('snacks', popcorn),
    product('drinks', soda),
    product('merchandise', poster),
    product('gifts', gift),
  ],
} as const;

const wasm = createRequire(import.meta.url).resolve('@resvg/resvg-wasm/index_bg.wasm');
await initWasm(await readFile(wasm));
for (const [brand, drawn] of Object.entries(pictures)) {
  const folder = join(import.meta.dirname, '..', 'templates', 'brands', brand, 'pictures');
  await mkdir(folder, { recursive: true });
  const ink = inks[brand];
  if (!ink) throw new Error(`no colours for ${brand}`);
  for (const { name, width, height, drawing } of drawn) {
    const ground =
      name === 'mark' ? '' : `<rect width="100%" height="100%" rx="14" fill="${ink.ground}"/>`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${ground}${drawing(ink)}</svg>`;
    await writeFile(join(folder, `${name}.png`), new Resvg(svg).render().asPng());
  }
}
