import { z } from 'zod';

import type { Fact } from '../src/contract/decision.ts';

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
});
export type RenderRequest = z.output<typeof RenderRequest>;
export type RenderQuery = z.input<typeof RenderRequest>;

/** One template as the list shows it. `brands`: those it has sample data for. */
export type TemplateEntry = {
  readonly name: string;
  readonly title: string;
  readonly class: 'transactional' | 'commercial';
  readonly brands: readonly string[];
};

export type BrandEntry = {
  readonly id: string;
  readonly name: string;
  readonly programme: string;
  readonly defaultLocale: string;
  readonly locales: readonly string[];
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
};

/** What would turn a decision, ready to be tried: changes to the profile, to the date, or both. */
export type Trial = {
  readonly label: string;
  readonly set: Readonly<Record<string, Fact>>;
  readonly at?: string;
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
  readonly trial: Trial | null;
  /** The rule that decided, or the last one asked: `marketing-consent v1`. */
  readonly rule: string;
};

export type Verdict = {
  readonly kind: 'send' | 'suppress' | 'hold';
  /** "Will be sent", "Will not be sent: no marketing consent." */
  readonly sentence: string;
  readonly flip: string | null;
  readonly trial: Trial | null;
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
};

export type RenderAnswer = {
  readonly template: string;
  readonly brand: string;
  readonly persona: string;
  readonly at: string;
  readonly locale: string;
  readonly verdict: Verdict;
  /** The mail; where it would not be sent, the mail it would be if the verdict's trial were true. Null when there is none. */
  readonly mail: Mail | null;
  /** True: `mail` is not sent, it only shows what would be. */
  readonly hypothetical: boolean;
  readonly blocks: readonly Card[];
  readonly controls: readonly Control[];
  readonly changes: readonly Change[];
  /** The whole decision, as it would be stored. */
  readonly decision: unknown;
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

/** What assistive software stumbles over, in light and dark; or why that isn't known. */
export type MailReading =
  | { readonly findings: readonly CheckFinding[] }
  | { readonly skipped: string };

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

/** What `/events` says. `changed`: something was saved and is in use. `report`: what was saved can't be used; null heals it. `counting`: whether personas' ledgers are being read. */
export type PreviewEvent =
  | { readonly kind: 'changed' }
  | { readonly kind: 'counting'; readonly counting: boolean }
  | { readonly kind: 'report'; readonly report: ErrorReport | null };
