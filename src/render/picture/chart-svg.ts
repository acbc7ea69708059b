import type { Chart } from '../../contract/chart.ts';

const padding = 20;

/** The chart as SVG on a ground of its own, so that it stands as well in a dark mail as in a light one. Pure. */
export function chartSvg({ width, height, values, dir, colours, radius }: Chart): string {
  const most = Math.max(1, ...values);
  const step = (width - 2 * padding) / Math.max(1, values.length);
  const thick = Math.max(2, step * 0.62);
  const tall = height - 2 * padding;
  const bars = values.map((value, index) => {
    // Nothing is a dot on the ground line, not a bar.
    const length = value > 0 ? Math.max(thick, (value / most) * tall) : 3;
    const place = dir === 'rtl' ? values.length - 1 - index : index;
    const x = padding + place * step + (step - thick) / 2;
    const colour = value > 0 && value === most ? colours.highest : colours.bar;
    const round = Math.min(thick / 2, length / 2, 6);
    return `<rect x="${short(x)}" y="${short(height - padding - length)}" width="${short(thick)}" height="${short(length)}" rx="${short(round)}" fill="${colour}"${value > 0 ? '' : ' opacity="0.55"'}/>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="${width}" height="${height}" rx="${radius}" fill="${colours.ground}"/>`,
    ...bars,
    '</svg>',
  ].join('');
}

const short = (length: number) => String(Math.round(length * 100) / 100);
