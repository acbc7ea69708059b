import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { BrandEntry, PersonaEntry, RenderAnswer, TemplateEntry } from './protocol.ts';
import { RenderRequest } from './protocol.ts';
import type { Renderer } from './renderer.ts';
import { languageName } from './ui/language.ts';

type Export = {
  readonly renderer: Pick<Renderer, 'templates' | 'personas' | 'render'>;
  /** The folder that is written; it is made where it isn't there. */
  readonly to: string;
  /** Names; all when left out. */
  readonly templates?: readonly string[];
  readonly brands?: readonly string[];
  readonly onProgress?: (what: string) => void;
};

type Cell = {
  readonly persona: PersonaEntry;
  readonly locale: string;
  readonly answer: Pick<RenderAnswer, 'verdict' | 'mail' | 'hypothetical'>;
  readonly shown: string | null;
};

/**
 * Writes gallery and tables as pages that need no server, for colleagues and CI: `index.html`, a page a mail, and every mail as it is.
 * @returns how many mails were looked at, and how many came out otherwise than their persona expects
 * @throws Refused for the first that can't be rendered
 */
export async function exportPreview({
  renderer,
  to,
  templates,
  brands,
  onProgress,
}: Export): Promise<{ readonly mails: number; readonly unexpected: number }> {
  const lists = await renderer.templates();
  const personas = await renderer.personas();
  await mkdir(join(to, 'mails'), { recursive: true });
  const written = new Set<string>();
  const counts = { mails: 0, unexpected: 0 };
  const sections: string[] = [];
  for (const brand of lists.brands.filter(({ id }) => brands?.includes(id) ?? true)) {
    const cards: string[] = [];
    for (const template of lists.templates) {
      if (!template.brands.includes(brand.id)) continue;
      if (!(templates?.includes(template.name) ?? true)) continue;
      onProgress?.(`${template.name} for ${brand.id}`);
      const cells = await cellsOf(renderer, template, brand, personas);
      for (const { answer, shown } of cells) {
        counts.mails += 1;
        if (answer.verdict.expected !== null) counts.unexpected += 1;
        if (!answer.mail || shown === null || written.has(answer.mail.hash)) continue;
        written.add(answer.mail.hash);
        await writeFile(join(to, 'mails', `${answer.mail.hash}.html`), shown);
      }
      const file = `${brand.id}-${template.name}.html`;
      await writeFile(join(to, file), tablePage(template, brand, cells));
      const own = cells.filter(({ locale }) => locale === brand.defaultLocale);
      const first = own.find(({ answer }) => answer.verdict.kind === 'send') ?? own[0];
      cards.push(
        `<a class="card" href="${file}">${thumb(first?.answer.mail?.hash)}<b>${escaped(template.title)}</b><span>${template.class}</span></a>`,
      );
    }
    if (cards.length > 0)
      sections.push(`<h2>${escaped(brand.name)}</h2><div class="cards">${cards.join('')}</div>`);
  }
  await writeFile(join(to, 'index.html'), page('All mails', sections.join('')));
  return counts;
}

async function cellsOf(
  renderer: Export['renderer'],
  { name }: TemplateEntry,
  brand: BrandEntry,
  personas: readonly PersonaEntry[],
): Promise<Cell[]> {
  const cells: Cell[] = [];
  for (const persona of personas.filter((one) => one.brand === brand.id))
    for (const locale of brand.locales) {
      const asked = { template: name, brand: brand.id, persona: persona.id, locale };
      const { answer, shown } = await renderer.render(RenderRequest.parse(asked));
      cells.push({ persona, locale, answer, shown });
    }
  return cells;
}

function tablePage(template: TemplateEntry, brand: BrandEntry, cells: readonly Cell[]): string {
  const personas = [...new Set(cells.map(({ persona }) => persona))];
  const rows = personas.map((persona) => {
    const own = cells.filter((cell) => cell.persona === persona).map(cellHtml);
    return `<tr><th scope="row">${escaped(persona.name)}<small>${escaped(persona.title)}</small></th>${own.join('')}</tr>`;
  });
  const head = brand.locales.map(
    (locale) => `<th scope="col">${escaped(languageName(locale))}</th>`,
  );
  return page(
    `${template.title} · ${brand.name}`,
    `<p><a href="index.html">All mails</a></p><table><thead><tr><td></td>${head.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`,
  );
}

function cellHtml({ answer: { verdict, mail, hypothetical } }: Cell): string {
  const name = { send: 'Sent', suppress: 'Not sent', hold: 'Waits' }[verdict.kind];
  const expected = verdict.expected === null ? '' : `, expected: ${verdict.expected}`;
  const inner = `${thumb(mail?.hash, hypothetical !== null)}<span class="${verdict.kind}" title="${escaped(verdict.sentence)}">${name}${escaped(expected)}</span>`;
  return `<td>${mail ? `<a href="mails/${mail.hash}.html">${inner}</a>` : inner}</td>`;
}

/** Sandboxed: a mail runs nothing here either. */
const thumb = (hash: string | undefined, dimmed = false): string =>
  hash === undefined
    ? '<i class="thumb"></i>'
    : `<i class="thumb${dimmed ? ' dimmed' : ''}"><iframe src="mails/${hash}.html" sandbox loading="lazy" tabindex="-1" title=""></iframe></i>`;

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 32px; }
a { color: inherit; }
small { display: block; font-weight: 400; opacity: .75; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, 240px); gap: 24px; }
.card { display: grid; text-decoration: none; }
.card span { text-transform: capitalize; opacity: .75; }
.thumb { display: block; position: relative; overflow: hidden; height: 240px; border: 1px solid #8886; border-radius: 12px; }
td .thumb { width: 150px; height: 170px; }
.thumb iframe { width: 600px; height: 1200px; border: 0; background: #fff; color-scheme: light; pointer-events: none; transform: scale(.4); transform-origin: 0 0; }
td .thumb iframe { transform: scale(.25); }
.dimmed iframe { opacity: .45; }
th { text-align: left; vertical-align: top; padding: 8px 16px 8px 0; max-width: 220px; }
td { vertical-align: top; padding: 8px 12px 8px 0; }
.suppress, .hold { color: light-dark(#9c3318, #f0a189); }
</style>
</head>
<body><h1>${escaped(title)}</h1>${body}</body>
</html>
`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
