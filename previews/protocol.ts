import { z } from 'zod';

import type { Decision } from '../src/contract/decision.ts';
import type { Fact } from '../src/contract/fact-text.ts';
import type { Preflight } from '../src/contract/preflight.ts';
import { Reads } from '../src/personas/persona.ts';

/** What the browser asks for: one template, for one persona, perhaps changed, at one instant. Left out: as the persona is. */
export const RenderRequest = z.strictObject({
  template: z.string().min(1).max(100),
  brand: z.string().max(64).optional(),
  persona: z.string().max(128).optional(),
  /** Profile paths to new values, as they stand in the address: `{ "activePoints": "1250" }`. */
  set: z
    .record(z.string().max(200), z.union([z.string().max(500), z.number(), z.boolean(), z.null()]))
    .default({}),
  locale: z.string().max(35).optional(),
  at: z.string().max(40).optional(),
  /** Which of the template's samples; the persona's when left out. */
  sample: z.string().max(100).optional(),
  /** Paths of the message's data to new values, JSON where it is some: `{ "items.0.quantity": "3" }`; empty: taken away. */
  data: z.record(z.string().max(200), z.string().max(20_000)).default({}),
  /** As if what it is about were cancelled, or weren't; as the ledger has it when left out. */
  cancelled: z.boolean().optional(),
  /** Made with what is live, not with the folder. */
  version: z.literal('live').optional(),
});
export type RenderRequest = z.output<typeof RenderRequest>;
export type RenderQuery = z.input<typeof RenderRequest>;

/** A mail to be sent to somebody who wants to look at it in a mail program. */
export const TestRequest = z.union([
  z.strictObject({ to: z.string().max(320), request: RenderRequest }),
  // One that really went out, masked.
  z.strictObject({ to: z.string().max(320), message: z.uuid() }),
]);
export type TestQuery = z.input<typeof TestRequest>;

/** What is tried on a persona, to be kept as one of its own. */
export const SavePersonaRequest = z.strictObject({
  request: RenderRequest,
  /** What is other about it, in a few words. */
  title: z.string().trim().min(1).max(100),
  reads: Reads.default({}),
});
export type SavePersonaRequest = z.output<typeof SavePersonaRequest>;
export type SavePersonaQuery = z.input<typeof SavePersonaRequest>;
export type SavedPersona = { readonly id: string };

/** What the mail server said. */
export type TestAnswer = { readonly answer: string };

/** How this preview was started. `testsTo`: who may be sent test mails. `publishes`: whether it reaches what mails are sent from. `showsSent`: whether it shows what really went out. `savesPersonas`: whether it writes into the project. */
export type Settings = {
  readonly testsTo: readonly string[];
  readonly publishes: boolean;
  readonly showsSent: boolean;
  readonly savesPersonas: boolean;
};

/** One change of what is live of a template; the latest first. `hash` null: the templates folder. */
export type LivePointing = {
  readonly hash: string | null;
  readonly how: 'publish' | 'use' | 'rollback';
  readonly at: string;
  readonly by: string;
  readonly why: string | null;
};

/** What is live of a template, since when, and what a rollback leads to. */
export type LiveState = {
  readonly pointings: readonly LivePointing[];
  /** `undefined` isn't JSON: there is nothing to go back to where this is null. */
  readonly before: { readonly hash: string | null } | null;
};

/** To publish a template as it is in its folder, or to take the last publishing back, with a note for the history. */
export const PublishRequest = z.strictObject({
  template: z.string().min(1).max(100),
  note: z.string().trim().max(500),
  what: z.enum(['publish', 'rollback']),
});
export type PublishQuery = z.input<typeof PublishRequest>;

/** A message that was accepted, as a list shows it; what says who somebody is is masked. */
export type SentLine = {
  readonly id: string;
  readonly template: string;
  readonly brand: string;
  readonly at: string;
  readonly state: string;
  /** What became of it, in a sentence. */
  readonly says: string;
  readonly to: string | null;
  readonly member: string | null;
};

/** Newest first; `next` is asked for as `after`. */
export type SentList = { readonly messages: readonly SentLine[]; readonly next: string | null };

/** A message as it went, or as it would go now. */
export type SentSide = {
  readonly says: string;
  readonly sent: boolean;
  readonly blocks: readonly Pick<Card, 'id' | 'title' | 'shown' | 'sentence' | 'rule'>[];
  readonly mail: { readonly hash: string; readonly subject: string; readonly text: string } | null;
};

/** One message: what became of it, the mail as it went, and as it would be now. */
export type SentMail = {
  readonly line: SentLine;
  readonly timeline: readonly {
    readonly at: string;
    readonly what: string;
    readonly source: string;
    readonly detail: string | null;
  }[];
  /** Where the mail as it went comes from: kept, or made again. */
  readonly how: string;
  readonly went: SentSide;
  readonly today: SentSide;
  /** What it is made of that is another now. */
  readonly since: readonly string[];
};

/** What a review of a year would become of an audience: its file, as it is. */
export const DryRunRequest = z.strictObject({
  template: z.string().min(1).max(100),
  brand: z.string().min(1).max(64),
  year: z.int().min(2000).max(2100),
  audience: z.string().min(1),
  /** Look at everybody, or at a sample that is the same each time. */
  everybody: z.boolean(),
});
export type DryRunQuery = z.input<typeof DryRunRequest>;

/** What was found, or what the command said where it couldn't look. */
export type DryRunAnswer = { readonly found: Preflight | null; readonly lines: readonly string[] };

/** What the command said, and whether it did it. */
export type CommandAnswer = { readonly done: boolean; readonly lines: readonly string[] };

/** One template as the list shows it. `brands`: those it has sample data for. */
export type TemplateEntry = {
  readonly name: string;
  readonly title: string;
  readonly class: 'transactional' | 'commercial';
  readonly brands: readonly string[];
  /** The ids of its samples, by brand. */
  readonly samples: Readonly<Record<string, readonly string[]>>;
  /** When something in its folder was last saved. */
  readonly editedAt: string | null;
  /** Whether it looks back on a year, counted for each member. */
  readonly ofYear: boolean;
};

export type BrandEntry = {
  readonly id: string;
  readonly name: string;
  readonly programme: string;
  readonly defaultLocale: string;
  readonly locales: readonly string[];
  /** Where its days and years begin. */
  readonly timeZone: string;
  /** With fewer purchases in a year its review tells no figures. */
  readonly reviewMinimumPurchases: number;
  readonly colours: {
    readonly light: { readonly accent: string; readonly onAccent: string };
    readonly dark: { readonly accent: string; readonly onAccent: string };
  };
};

export type TemplateList = {
  readonly templates: readonly TemplateEntry[];
  readonly brands: readonly BrandEntry[];
};

/** A synthetic recipient. */
export type PersonaEntry = {
  readonly id: string;
  readonly brand: string;
  readonly name: string;
  /** The tier's name; null for who is no member, or no more. */
  readonly tier: string | null;
  /** One line: "Gold, with 12,400 miles to use". */
  readonly title: string;
  readonly story: string;
  readonly locale: string;
  readonly reads: Reads;
};

/** Changes that are made together: to the profile, the date, the message. */
export type Move = {
  readonly set?: Readonly<Record<string, Fact>>;
  readonly at?: string;
  readonly cancelled?: boolean;
  readonly sample?: string;
};

/** What would turn a decision, ready to be tried. */
export type Trial = {
  /** "Try with 100 stars", "Try 3 changes" */
  readonly label: string;
  /** Each change in words. */
  readonly changes: readonly string[];
  readonly move: Move;
};

/** Of something hidden: what makes it appear for this persona, or what stands against it, and who has it as they are. */
export type Turn = {
  /** The card's. */
  readonly id: string;
  readonly trial: Trial | null;
  /** "All of them are taken."; null where there is a trial. */
  readonly against: string | null;
  readonly who: { readonly persona: string; readonly name: string } | null;
};

/** Why one block, offer or the message itself is as it is, in a marketer's words. */
export type Card = {
  readonly id: string;
  readonly about: 'message' | 'block' | 'offer';
  readonly title: string;
  readonly shown: boolean;
  /** "Hidden: 40 points, 500 needed." */
  readonly sentence: string;
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  /** What would turn it, in words; null when it is shown. */
  readonly flip: string | null;
  /** The rule that decided, or the last one asked: `marketing-consent v1`. */
  readonly rule: string;
};

export type Verdict = {
  readonly kind: 'send' | 'suppress' | 'hold';
  /** "Will be sent", "Will not be sent: no marketing consent." */
  readonly sentence: string;
  readonly flip: string | null;
  /** What would send it to this persona. */
  readonly trial: Trial | null;
  /** Who gets it as they are: the nearest persona; null where it is sent, and where nobody does. */
  readonly who: { readonly persona: string; readonly name: string } | null;
  /** Where it isn't what the persona's `expect` says: what was expected. */
  readonly expected: string | null;
};

/** A knob of the Data panel. `path` is where in the profile it turns. */
export type Control = {
  readonly path: string;
  readonly label: string;
  readonly changed: boolean;
} & (
  | {
      readonly kind: 'slider';
      readonly value: number;
      readonly min: number;
      readonly max: number;
      readonly step: number;
      readonly ticks: readonly { readonly value: number; readonly label: string }[];
    }
  | { readonly kind: 'switch'; readonly value: boolean }
  | {
      readonly kind: 'select';
      readonly value: string;
      readonly options: readonly { readonly value: string; readonly label: string }[];
    }
  | { readonly kind: 'text'; readonly value: string }
);

/** A changed value, as its chip says it: "Active points: 40 → 1250". */
export type Change = {
  readonly path: string;
  readonly label: string;
  readonly from: string;
  readonly to: string;
};

/** One value of the message's data: where it is, what it may be, and what it is now. */
export type Field = {
  readonly path: string;
  readonly label: string;
  readonly optional: boolean;
  /** The schema's own words. */
  readonly hint: string | null;
} & (
  | { readonly kind: 'text' | 'instant' | 'day'; readonly value: string | null }
  | { readonly kind: 'number'; readonly value: number | null }
  | { readonly kind: 'switch'; readonly value: boolean | null }
  | { readonly kind: 'select'; readonly value: string | null; readonly options: readonly string[] }
  | { readonly kind: 'group'; readonly fields: readonly Field[] }
  | {
      readonly kind: 'list';
      readonly entries: readonly (readonly Field[])[];
      /** The list as it is, and what a new entry starts as. */
      readonly value: readonly unknown[];
      readonly blank: unknown;
    }
);

export type Mail = {
  /** Names the frame and the raw mail: `/frame/<hash>`, `/raw/<hash>.eml`. */
  readonly hash: string;
  readonly from: { readonly name: string; readonly address: string };
  readonly to: string;
  readonly subject: string;
  readonly preheader: string;
  /** With what a mail list goes on behind the preheader, where the mail doesn't fill it up; else empty. */
  readonly leaks: string;
  readonly text: string;
  readonly html: string;
  /** As they stand in the mail, in their order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Bytes. Gmail clips what is longer than 102 KiB of html. */
  readonly size: { readonly mime: number; readonly html: number };
  /** Whether its links lead through Laurel once it is sent, which counts who follows them. */
  readonly countsClicks: boolean;
};

export type RenderAnswer = {
  readonly template: string;
  readonly brand: string;
  readonly persona: string;
  readonly at: string;
  readonly locale: string;
  readonly verdict: Verdict;
  readonly mail: Mail | null;
  /** Null where `mail` is sent; else what it shows: the mail if the verdict's trial were true, or the one `who` gets. */
  readonly hypothetical: 'tried' | 'theirs' | null;
  /** The samples of the template, and which of them this is. */
  readonly sample: string;
  readonly samples: readonly { readonly id: string; readonly title: string }[];
  /** The message's data, as a form. */
  readonly form: readonly Field[];
  /** Whether what it is about is cancelled; null where it is about nothing. */
  readonly cancelled: boolean | null;
  readonly blocks: readonly Card[];
  readonly controls: readonly Control[];
  readonly changes: readonly Change[];
  /** The whole decision, as it would be stored. */
  readonly decision: Decision;
  /** Milliseconds. */
  readonly timings: { readonly prepare: number; readonly compose: number };
};

/** What one check says of a mail. `error`: fix before sending. `warning`: look at it. */
export type CheckFinding = {
  readonly severity: 'error' | 'warning' | 'fine';
  readonly check: string;
  readonly message: string;
  /** What to do; empty where nothing is. */
  readonly fix: string;
  /** Relative to the project; where its cause can be told. */
  readonly file?: string;
  readonly line?: number;
};

/** What is known of a mail without a browser. */
export type MailChecks = {
  readonly findings: readonly CheckFinding[];
  /** Bytes of html; beyond the limit Gmail hides the rest. Blocks: what each adds, largest first. */
  readonly size: {
    readonly html: number;
    readonly limit: number;
    readonly blocks: readonly { readonly name: string; readonly bytes: number }[];
  };
  /** The mail programs of the brand's audience; null where what they support isn't known. */
  readonly clients:
    | readonly {
        readonly name: string;
        /** `fix` is null where the mail merely looks plainer. `where`: "Ios", "Windows". */
        readonly lacking: readonly {
          readonly feature: string;
          readonly where: readonly string[];
          readonly fix: string | null;
        }[];
      }[]
    | null;
  readonly text: { readonly lines: number };
};

/** By which texts a block is found in its mail. */
export type BlockTexts = { readonly card: string; readonly texts: readonly string[] };

/** What assistive software stumbles over, in light and dark; or why that isn't known. */
export type MailReading =
  | { readonly findings: readonly CheckFinding[] }
  | { readonly skipped: string };

/** A file of a template, as it is saved. */
export type SourceFile = { readonly file: string; readonly text: string };

/** A text of a mail, and what it stands in, the nearest first: which sentence is it? */
export const SentenceRequest = z.strictObject({
  template: z.string().min(1).max(100),
  brand: z.string().max(64),
  locale: z.string().max(35),
  texts: z.array(z.string().max(2_000)).min(1).max(8),
});
export type SentenceRequest = z.infer<typeof SentenceRequest>;

/** A message of the locale files, in every language of the brand. */
export type Sentence = {
  readonly key: string;
  readonly languages: readonly {
    readonly locale: string;
    /** ICU, as it is written. */
    readonly text: string;
    readonly file: string;
    readonly line: number;
  }[];
};

/** A figure that a mail says of its member. */
export type MailFigure = {
  /** The card of the block that says it. */
  readonly card: string;
  readonly label: string;
  readonly value: string;
  /** Of which account it comes; null for what isn't the ledger's, such as what an order will earn. */
  readonly account: string | null;
  /** Whether it is the account's sum; where it isn't, it was changed by hand or is a part of it. */
  readonly adds: boolean;
};

/** Entries of the ledger that a figure is made of. */
export type Account = {
  readonly id: string;
  readonly title: string;
  readonly how: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Null where it isn't one number. */
  readonly sum: string | null;
};

export type MailFigures = {
  readonly figures: readonly MailFigure[];
  readonly accounts: readonly Account[];
};

/** Something a person has to put right: where, and a few lines around it. */
export type ErrorReport = {
  readonly title: string;
  readonly problems: readonly {
    readonly message: string;
    readonly file?: string;
    readonly line?: number;
    readonly frame?: readonly {
      readonly line: number;
      readonly text: string;
      readonly here: boolean;
    }[];
  }[];
};

/** What `/events` says. `saved`: something was, and is being taken in. `changed`: something was saved and is in use. `report`: what was saved can't be used; null heals it. `counting`: whether personas' ledgers are being read. */
export type PreviewEvent =
  | { readonly kind: 'saved' }
  | { readonly kind: 'changed' }
  | { readonly kind: 'counting'; readonly counting: boolean }
  | {
      readonly kind: 'report';
      readonly report: ErrorReport | null;
      /** Code can't be loaded: every mail is still that of the code before. */
      readonly stale: boolean;
    };
