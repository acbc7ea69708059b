import type { Chart } from '../contract/chart.ts';
import type { Rendered } from '../contract/template.ts';

/** The address a chart's picture is found at; null where it can only be carried with the mail. */
export type ChartUrl = (chart: Chart, now: Date) => string | null;

/** The same mail with its charts shown by address instead of carried with it. Other pictures and files stay. */
export function withLinkedCharts(rendered: Rendered, chartUrl: ChartUrl, now: Date): Rendered {
  const files = rendered.attachments ?? [];
  const urls = new Map(
    files.flatMap(({ cid, chart }) => {
      const url = cid !== undefined && chart ? chartUrl(chart, now) : null;
      return cid !== undefined && url !== null ? [[cid, url] as const] : [];
    }),
  );
  if (urls.size === 0) return rendered;
  const html = [...urls].reduce(
    (made, [cid, url]) => made.replaceAll(`cid:${cid}`, () => url),
    rendered.html,
  );
  const { subject, preheader, text } = rendered;
  const others = files.filter(({ cid }) => cid === undefined || !urls.has(cid));
  return { subject, preheader, html, text, ...(others.length > 0 && { attachments: others }) };
}
