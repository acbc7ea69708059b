import type { Config } from '../config.ts';
import type { ClickUrl } from '../decision/counted-links.ts';
import type { ChartUrl } from '../decision/linked-charts.ts';
import { chartUrl } from '../http/chart-link.ts';
import { clickUrl } from '../http/click-link.ts';
import { type LinkKey, type LinkKind, memberLink } from '../http/member-link.ts';

/** The addresses of this installation that stand in mails. */
export type MailLinks = {
  readonly memberLink: (kind: LinkKind, key: LinkKey) => string;
  /** Undefined where mails carry their charts with them. */
  readonly chartUrl: ChartUrl | undefined;
  readonly clickUrl: ClickUrl;
};

export const mailLinks = ({ publicUrl, secret, chartDays: days }: Config): MailLinks => ({
  memberLink: (kind, key) => memberLink(publicUrl, secret, kind, key),
  chartUrl:
    days === undefined
      ? undefined
      : (chart, now) => chartUrl(publicUrl, secret, { chart, now, days }),
  clickUrl: (link) => clickUrl(publicUrl, secret, link),
});
