// A picture of docs/operating/dashboard.json with what a running Prometheus says: docs/images/dashboard.png. Needs Chromium.
// PROMETHEUS_URL=http://127.0.0.1:9090 MINUTES=20 npm run pictures:dashboard
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { chromium } from 'playwright-core';
import { z } from 'zod';

const root = join(import.meta.dirname, '..');
const prometheus = process.env['PROMETHEUS_URL'] ?? 'http://127.0.0.1:9090';
const minutes = Number(process.env['MINUTES'] ?? 20);
const colours = ['#73bf69', '#5794f2', '#f2cc0c', '#ff780a', '#b877d9', '#f2495c', '#8ab8ff'];
const [column, row] = [56, 34];

const Panel = z.looseObject({
  type: z.enum(['stat', 'timeseries']),
  title: z.string(),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  targets: z.array(z.looseObject({ expr: z.string(), legendFormat: z.string().default('') })),
  fieldConfig: z.looseObject({ defaults: z.looseObject({ unit: z.string() }) }),
});
const { panels } = z
  .looseObject({ panels: z.array(Panel) })
  .parse(JSON.parse(await readFile(join(root, 'docs/operating/dashboard.json'), 'utf8')));

const Answer = z.object({
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        values: z.array(z.tuple([z.number(), z.string().transform(Number)])),
      }),
    ),
  }),
});
type Series = { readonly name: string; readonly points: readonly (readonly [number, number])[] };

const end = Math.floor(Date.now() / 1000);
const start = end - minutes * 60;

async function ask({ targets }: z.infer<typeof Panel>): Promise<Series[]> {
  const series = [];
  for (const { expr, legendFormat } of targets) {
    const query = new URLSearchParams({
      query: expr,
      start: String(start),
      end: String(end),
      step: '10',
    });
    const response = await fetch(`${prometheus}/api/v1/query_range?${query}`);
    if (!response.ok) throw new Error(`${expr}: ${await response.text()}`);
    for (const { metric, values } of Answer.parse(await response.json()).data.result)
      series.push({
        name: legendFormat.replaceAll(
          /\{\{(\w+)\}\}/g,
          (_all, label: string) => metric[label] ?? '',
        ),
        points: values.filter(([, value]) => Number.isFinite(value)),
      });
  }
  return series;
}

const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
function told(value: number, unit: string): string {
  if (unit === 'bytes') return `${number.format(value / 1e6)} MB`;
  if (unit === 's')
    return value < 1 ? `${number.format(value * 1000)} ms` : `${number.format(value)} s`;
  return unit === 'ops' ? `${number.format(value)}/s` : number.format(value);
}

const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function stat(series: readonly Series[], unit: string): string {
  const lasts = series.map(
    ({ name, points }) => `${told(points.at(-1)?.[1] ?? 0, unit)} <small>${escape(name)}</small>`,
  );
  return `<div class="stat">${lasts.length > 0 ? lasts.join('<br>') : 'No data'}</div>`;
}

function lines(series: readonly Series[], unit: string, width: number, height: number): string {
  if (series.length === 0) return '<div class="none">No data</div>';
  const [left, bottom] = [56, 18];
  const most = Math.max(...series.flatMap(({ points }) => points.map(([, value]) => value)));
  const top = most > 0 ? most * 1.1 : 1;
  const x = (at: number) => left + ((at - start) / (end - start)) * (width - left - 8);
  const y = (value: number) => height - bottom - (value / top) * (height - bottom - 6);
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (part) =>
      `<line x1="${left}" x2="${width - 8}" y1="${y(part * top)}" y2="${y(part * top)}"/><text x="${left - 6}" y="${y(part * top) + 4}" text-anchor="end">${told(part * top, unit)}</text>`,
  );
  const times = [0.1, 0.5, 0.9].map((part) => {
    const at = start + part * (end - start);
    return `<text x="${x(at)}" y="${height - 3}" text-anchor="middle">${new Date(at * 1000).toISOString().slice(11, 16)}</text>`;
  });
  const paths = series.map(
    ({ points }, n) =>
      `<polyline points="${points.map(([at, value]) => `${x(at)},${y(value)}`).join(' ')}" stroke="${colours[n % colours.length]}"/>`,
  );
  const legend = series.map(
    ({ name }, n) => `<span style="--c:${colours[n % colours.length]}">${escape(name)}</span>`,
  );
  return `<svg width="${width}" height="${height}">${grid.join('')}${times.join('')}${paths.join('')}</svg><div class="legend">${legend.join('')}</div>`;
}

const drawn = await Promise.all(
  panels.map(async (panel) => {
    const { x, y, w, h } = panel.gridPos;
    const series = await ask(panel);
    const { unit } = panel.fieldConfig.defaults;
    const body =
      panel.type === 'stat'
        ? stat(series, unit)
        : lines(series, unit, w * column - 32, h * row - 66);
    return `<section style="left:${x * column}px;top:${y * row}px;width:${w * column - 8}px;height:${h * row - 8}px"><h2>${escape(panel.title)}</h2>${body}</section>`;
  }),
);
const width = Math.max(...panels.map(({ gridPos: { x, w } }) => x + w)) * column + 8;
const height = Math.max(...panels.map(({ gridPos: { y, h } }) => y + h)) * row + 8;
const page = `<!doctype html><meta charset="utf-8"><style>
body{margin:0;background:#111217;color:#d8d9da;font:12px/1.4 sans-serif}section{position:absolute;margin:8px;background:#181b1f;border:1px solid #2c3235;border-radius:3px;padding:8px 12px;box-sizing:border-box;overflow:hidden}
h2{font-size:13px;font-weight:500;margin:0 0 6px}.stat{font-size:30px;color:#73bf69}.stat small{font-size:13px;color:#9fa7b3}.none{color:#9fa7b3;text-align:center;padding-top:40px}
svg line{stroke:#2c3235}svg text{fill:#9fa7b3;font-size:11px}svg polyline{fill:none;stroke-width:1.5}.legend{height:18px;overflow:hidden}.legend span{margin-right:14px;white-space:nowrap}.legend span::before{content:"";display:inline-block;width:12px;height:3px;background:var(--c);margin:0 6px 3px 0}
</style>${drawn.join('')}`;

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  const shown = await browser.newPage({ viewport: { width, height } });
  await shown.setContent(page);
  await shown.screenshot({ path: join(root, 'docs/images/dashboard.png') });
} finally {
  await browser.close();
}
