import type { MailFrequency } from '../../contract/profile.ts';

type Titled = { readonly title: string; readonly text: string };
type Of = (brand: string) => string;

/** What pages for members say. Nobody is addressed as du or Sie, tu or vous, so that it suits every brand. */
export type PageWords = {
  readonly unknown: Titled;
  /** Nothing can be stored now. */
  readonly later: Titled;
  readonly unsubscribe: {
    readonly ask: { readonly title: string; readonly text: Of };
    readonly done: { readonly title: string; readonly text: Of };
    readonly button: string;
    /** Of one topic. */
    readonly topic: {
      readonly ask: (brand: string, topic: string) => string;
      readonly done: (brand: string, topic: string) => string;
      readonly button: (topic: string) => string;
      readonly all: string;
    };
    /** Leads to the page of preferences. */
    readonly more: string;
  };
  readonly preferences: {
    readonly title: string;
    readonly lead: Of;
    readonly saved: string;
    readonly wrong: string;
    readonly topics: string;
    readonly frequency: string;
    readonly often: Readonly<Record<MailFrequency, string>>;
    readonly language: string;
    readonly save: string;
    readonly stop: string;
    readonly off: Of;
    readonly on: { readonly text: Of; readonly button: string };
    readonly blocked: string;
    readonly erase: {
      readonly title: string;
      readonly text: Of;
      readonly button: string;
      readonly asked: (day: string) => string;
    };
  };
};
