import { createHash } from 'node:crypto';

import type { BrandIdentity } from '../../brand/brand.ts';
import { directionOf } from '../../brand/direction.ts';
import type { PageLanguage } from './words.ts';

/** Looks without a brand: a link we can't read names none. */
const plain = {
  font: "'Helvetica Neue', Helvetica, 'Segoe UI', Arial, sans-serif",
  radius: 8,
  light: {
    page: '#f2f2f0',
    surface: '#ffffff',
    text: '#1c1c1a',
    muted: '#5c5c57',
    line: '#deded9',
    accent: '#2b4c3f',
    onAccent: '#ffffff',
  },
  dark: {
    page: '#141413',
    surface: '#1f1f1d',
    text: '#f1f1ee',
    muted: '#b5b5ae',
    line: '#3a3a36',
    accent: '#9ccdb8',
    onAccent: '#10241b',
  },
} as const;

export type Page = { readonly html: string; readonly contentSecurityPolicy: string };

/** A page for a member, in the brand's looks. Loads nothing and runs nothing. `body` is html. Pure. */
export function memberPage(
  { title, body }: { readonly title: string; readonly body: string },
  language: PageLanguage,
  brand: BrandIdentity | undefined,
): Page {
  const css = styles(brand);
  const name = brand === undefined ? '' : `<p class="brand">${escapeHtml(brand.name)}</p>`;
  const legal =
    brand === undefined
      ? ''
      : `<footer>${escapeHtml(brand.legal.company)}, ${escapeHtml(brand.legal.address)}</footer>`;
  const html = `<!doctype html>
<html lang="${language}" dir="${directionOf(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}${brand === undefined ? '' : ` · ${escapeHtml(brand.name)}`}</title>
<style>${css}</style>
</head>
<body>
<main>
${name}
<h1>${escapeHtml(title)}</h1>
${body}
</main>
${legal}
</body>
</html>
`;
  const hash = createHash('sha256').update(css).digest('base64');
  return {
    html,
    contentSecurityPolicy: `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  };
}

function styles(brand: BrandIdentity | undefined): string {
  const font = brand?.font ?? plain.font;
  const headingFont = brand?.headingFont ?? plain.font;
  const radius = brand?.radius ?? plain.radius;
  const { light, dark } = brand?.colours ?? plain;
  return `:root{color-scheme:light dark;${tokens(light)}}
@media (prefers-color-scheme:dark){:root{${tokens(dark)}}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:flex;flex-direction:column;align-items:center;justify-content:center;gap:24px;padding:24px;background:var(--page);color:var(--text);font:17px/1.55 ${font}}
main{width:100%;max-width:560px;padding:40px;background:var(--surface);border:1px solid var(--line);border-radius:${radius}px}
h1{margin:0 0 12px;font:600 28px/1.2 ${headingFont};text-wrap:balance}
h2{margin:0 0 8px;font:600 19px/1.3 ${headingFont}}
p{margin:0}
a{color:var(--accent)}
.brand{margin:0 0 28px;font-weight:600;color:var(--accent)}
.note{margin:0 0 24px;padding:12px 16px;border:1px solid var(--accent);border-radius:${radius}px}
.more{margin-top:20px}
form,section{margin:28px 0 0}
section{padding-top:28px;border-top:1px solid var(--line)}
section form{margin-top:16px}
fieldset{margin:0 0 28px;padding:0;border:0;min-width:0}
legend,.label{display:block;margin:0 0 8px;padding:0;font:600 19px/1.3 ${headingFont}}
.choice{display:flex;gap:14px;padding:12px 0;border-top:1px solid var(--line);cursor:pointer}
.choice:last-child{border-bottom:1px solid var(--line)}
.choice input{flex:none;width:22px;height:22px;margin:2px 0 0;accent-color:var(--accent)}
.choice small,.muted{display:block;color:var(--muted);font-size:15px}
select{width:100%;min-height:48px;padding:10px 14px;border:1px solid var(--muted);border-radius:${radius}px;background:var(--surface);color:var(--text);font:17px/1.4 ${font}}
.buttons{display:flex;flex-wrap:wrap;gap:12px}
button{min-height:48px;padding:12px 28px;border:1px solid var(--accent);border-radius:${radius}px;background:var(--accent);color:var(--onAccent);font:600 17px/1.4 ${font};cursor:pointer}
button.quiet{background:var(--surface);color:var(--accent)}
button:hover{filter:brightness(1.08)}
:focus-visible{outline:3px solid var(--text);outline-offset:3px}
footer{max-width:560px;color:var(--muted);font-size:14px;text-align:center}
@media (max-width:480px){main{padding:28px 24px}button{width:100%}}`.replaceAll('</', '');
}

const tokenNames = ['page', 'surface', 'text', 'muted', 'line', 'accent', 'onAccent'] as const;
const tokens = (colours: Readonly<Record<(typeof tokenNames)[number], string>>) =>
  tokenNames.map((name) => `--${name}:${colours[name]}`).join(';');

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
