import { Chart } from '../contract/chart.ts';
import { publicAddress, seal, unseal } from './sealed.ts';

const purpose = 'chart';
const dayMs = 86_400_000;
/** Links end on such days alone, so that one chart has one address for a month, which can be kept by whoever fetches it. */
const endings = 30;
const longest = 1_500;

/** What a chart's address leads to. */
export type ChartLink =
  | { readonly kind: 'chart'; readonly chart: Chart; readonly until: Date }
  | { readonly kind: 'expired' }
  | { readonly kind: 'forged' };

/**
 * The address of a chart's picture: what is drawn, sealed, and the day it ends. It says nothing of whom it was made for, and what
 * is drawn can't be read from it. Null where the address would be too long for mail clients. Pure. @param days it is there, at least
 */
export function chartUrl(
  publicUrl: string,
  secret: string,
  { chart, now, days }: { readonly chart: Chart; readonly now: Date; readonly days: number },
): string | null {
  const { width, height, values, dir, colours, radius } = chart;
  const until = Math.ceil((now.getTime() / dayMs + days) / endings) * endings;
  const text = [until, width, height, values, dir, colours, radius];
  const token = seal(secret, purpose, Buffer.from(JSON.stringify(text)));
  return token.length > longest ? null : publicAddress(publicUrl, `charts/${token}.png`);
}

/** Reads an address's token. */
export function readChart(token: string, secrets: readonly string[], now: Date): ChartLink {
  const text = unseal(secrets, purpose, token);
  if (!text) return { kind: 'forged' };
  const parts: unknown = JSON.parse(text.toString());
  const [until, width, height, values, dir, colours, radius]: readonly unknown[] = Array.isArray(
    parts,
  )
    ? parts
    : [];
  const chart = Chart.safeParse({ width, height, values, dir, colours, radius });
  if (!chart.success || typeof until !== 'number') return { kind: 'forged' };
  if (now.getTime() >= until * dayMs) return { kind: 'expired' };
  return { kind: 'chart', chart: chart.data, until: new Date(until * dayMs) };
}
