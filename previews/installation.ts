import type { CampaignReader } from './campaigns.ts';
import type {
  CommandAnswer,
  DryRunAnswer,
  DryRunQuery,
  LiveState,
  PublishQuery,
  SentList,
  SentMail,
  SentSide,
} from './protocol.ts';
import type { PublishedLooks } from './published.ts';

/** What mails are really sent from, as far as the page may reach it. */
export type Installation = {
  /** @throws PermanentError where there is no such template */
  readonly liveState: (template: string) => Promise<LiveState>;
  /** Null: the templates folder. */
  readonly liveLooks: (template: string) => Promise<PublishedLooks | null>;
  /** Publishes or rolls back as the command does, with its checks as the gate. */
  readonly publish: (request: PublishQuery) => Promise<CommandAnswer>;
  /** What a review of a year would become of an audience, by the command that looks; nothing is stored. */
  readonly dryRun: (request: DryRunQuery) => Promise<DryRunAnswer>;
  readonly campaigns: CampaignReader;
  /** What really went out; null where that isn't to be shown. */
  readonly sent: SentReader | null;
  readonly close: () => Promise<void>;
};

/** Reads only; what says who somebody is is masked, and whose mail was looked at is written down. */
export type SentReader = {
  readonly list: (filter: {
    readonly memberId?: string | undefined;
    readonly template?: string | undefined;
    readonly after?: string | undefined;
  }) => Promise<SentList>;
  /** Null where there is no such message. */
  readonly one: (id: string) => Promise<SentFound | null>;
};

type WithHtml = Omit<SentSide, 'mail'> & {
  readonly mail: {
    readonly from: { readonly address: string; readonly name: string };
    readonly subject: string;
    readonly html: string;
    readonly text: string;
  } | null;
};
export type SentFound = Omit<SentMail, 'went' | 'today'> & {
  readonly went: WithHtml;
  readonly today: WithHtml;
};
