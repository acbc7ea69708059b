import { createHash } from 'node:crypto';

import type { BrandIdentity } from '../brand/brand.ts';

const words = {
  en: {
    ask: {
      title: 'Unsubscribe',
      text: (brand: string) =>
        `Stop receiving offers and news from ${brand} at the address this link was sent to?`,
    },
    done: {
      title: 'You are unsubscribed',
      text: (brand: string) =>
        `${brand} won’t send offers and news to your address any more. You will still get what you need, such as receipts and booking confirmations.`,
    },
    unknown: {
      title: 'This link does not work',
      text: () =>
        'It is incomplete or no longer valid. Please use the link in your latest mail, or reply to that mail.',
    },
    button: 'Unsubscribe',
  },
  de: {
    ask: {
      title: 'Abmelden',
      text: (brand: string) =>
        `Keine Angebote und Neuigkeiten von ${brand} mehr an die Adresse, die diesen Link bekommen hat?`,
    },
    done: {
      title: 'Abmeldung bestätigt',
      text: (brand: string) =>
        `${brand} schickt keine Angebote und Neuigkeiten mehr an diese Adresse. Was nötig ist, kommt weiterhin: Belege zum Beispiel und Buchungsbestätigungen.`,
    },
    unknown: {
      title: 'Dieser Link funktioniert nicht',
      text: () =>
        'Er ist unvollständig oder nicht mehr gültig. Bitte den Link aus der neuesten Mail verwenden oder auf diese Mail antworten.',
    },
    button: 'Abmelden',
  },
} as const;

export type PageLanguage = keyof typeof words;
const languages: readonly PageLanguage[] = ['en', 'de'];

/** The language a reader asks for among those we have, else the brand's own, else English. */
export function pageLanguage(
  accepted: string | undefined,
  brand: Pick<BrandIdentity, 'defaultLocale'> | undefined,
): PageLanguage {
  const asked = (accepted ?? '').split(',').map((part) => {
    const [tag = '', ...parameters] = part.trim().split(';');
    const quality = parameters.map((one) => /^\s*q=([\d.]+)$/.exec(one)?.[1]).find(Boolean);
    return { tag, quality: quality === undefined ? 1 : Number(quality) };
  });
  const wanted = asked
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag);
  for (const tag of [...wanted, brand?.defaultLocale ?? 'en']) {
    const found = languages.find((language) => tag.toLowerCase().split('-')[0] === language);
    if (found) return found;
  }
  return 'en';
}

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

/** The page behind an unsubscribe link: asks, confirms, or says that the link is none. Works without scripts. Pure. */
export function unsubscribePage(
  kind: 'ask' | 'done' | 'unknown',
  language: PageLanguage,
  brand: BrandIdentity | undefined,
): Page {
  const { button, [kind]: text } = words[language];
  const css = styles(brand);
  const name = brand === undefined ? '' : `<p class="brand">${escapeHtml(brand.name)}</p>`;
  const legal =
    brand === undefined
      ? ''
      : `<footer>${escapeHtml(brand.legal.company)}, ${escapeHtml(brand.legal.address)}</footer>`;
  // The same field as a mailbox provider's one-click request (RFC 8058); no address of the form, so that it posts to this link.
  const form =
    kind === 'ask'
      ? `<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button>${button}</button></form>`
      : '';
  const html = `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(text.title)}${brand === undefined ? '' : ` · ${escapeHtml(brand.name)}`}</title>
<style>${css}</style>
</head>
<body>
<main>
${name}
<h1>${escapeHtml(text.title)}</h1>
<p>${escapeHtml(text.text(brand?.name ?? ''))}</p>
${form}
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
  return `:root{${tokens(light)}}
@media (prefers-color-scheme:dark){:root{${tokens(dark)}}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:flex;flex-direction:column;align-items:center;justify-content:center;gap:24px;padding:24px;background:var(--page);color:var(--text);font:17px/1.55 ${font}}
main{width:100%;max-width:480px;padding:40px;background:var(--surface);border:1px solid var(--line);border-radius:${radius}px}
h1{margin:0 0 12px;font:600 28px/1.2 ${headingFont};text-wrap:balance}
p{margin:0}
.brand{margin:0 0 28px;font-weight:600;color:var(--accent)}
form{margin:28px 0 0}
button{min-height:48px;padding:12px 28px;border:0;border-radius:${radius}px;background:var(--accent);color:var(--onAccent);font:600 17px/1.4 ${font};cursor:pointer}
button:hover{filter:brightness(1.08)}
button:focus-visible{outline:3px solid var(--text);outline-offset:3px}
footer{max-width:480px;color:var(--muted);font-size:14px;text-align:center}
@media (max-width:480px){main{padding:28px 24px}button{width:100%}}`.replaceAll('</', '');
}

const tokenNames = ['page', 'surface', 'text', 'muted', 'line', 'accent', 'onAccent'] as const;
const tokens = (colours: Readonly<Record<(typeof tokenNames)[number], string>>) =>
  tokenNames.map((name) => `--${name}:${colours[name]}`).join(';');

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
