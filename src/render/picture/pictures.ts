import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import type { Chart } from '../../contract/chart.ts';
import type { Attachment } from '../../contract/email.ts';
import { chartSvg } from './chart-svg.ts';

/** Draws a chart as the picture a mail carries with it. The same chart gives the same bytes. */
export type Draw = (chart: Chart) => Attachment;

/** Pictures are the same for many: a month without purchases, a small set of shares. */
const kept = 500;

let opened: Promise<Draw> | undefined;

/** Loads the drawing engine, once a process and only where a template draws. */
export const openPictures = (): Promise<Draw> => (opened ??= open());

async function open(): Promise<Draw> {
  const { initWasm, Resvg } = await import('@resvg/resvg-wasm');
  const path = createRequire(import.meta.url).resolve('@resvg/resvg-wasm/index_bg.wasm');
  await initWasm(await readFile(path));
  const known = new Map<string, Attachment>();
  return (chart) => {
    const svg = chartSvg(chart);
    const id = createHash('sha256').update(svg).digest('hex').slice(0, 32);
    const found = known.get(id);
    if (found) return found;
    const drawing = new Resvg(svg, { fitTo: { mode: 'zoom', value: 2 } });
    const image = drawing.render();
    const made: Attachment = {
      cid: `${id}@laurel`,
      filename: `${id.slice(0, 8)}.png`,
      contentType: 'image/png',
      content: image.asPng(),
      chart,
    };
    // What wasm allocated is freed by hand.
    image.free();
    drawing.free();
    if (known.size >= kept) known.clear();
    known.set(id, made);
    return made;
  };
}
