import type { Chart } from './chart.ts';
import type { Lane } from './message.ts';

/** A text that was known when its template was loaded, with its quoted-printable form and the column that one ends in. */
export type FixedText = {
  readonly text: string;
  readonly encoded: Uint8Array;
  readonly endColumn: number;
};

/**
 * Html of which most is encoded already: characters from U+E000 on in `written` stand for the texts of `fixed`, in their order; everything
 * else in it is ASCII. Most of a mail is the same for everyone, and so is encoded only once.
 */
export type PreEncodedHtml = { readonly written: string; readonly fixed: readonly FixedText[] };

/** A file that travels with the mail. With a `cid`, a picture its html shows as `cid:…`; without, an attachment. */
export type Attachment = {
  readonly filename: string;
  readonly contentType: string;
  readonly content: Uint8Array;
  readonly cid?: string;
  /** What it is a picture of, where it could be shown by an address as well. */
  readonly chart?: Chart;
};

/** A finished mail: everything the recipient gets, and nothing a transport may change. */
export type Email = {
  /** Checked address the envelope names; the only recipient. */
  readonly to: { readonly address: string; readonly name?: string };
  readonly from: { readonly address: string; readonly name: string };
  readonly replyTo?: string;
  readonly subject: string;
  readonly preheader: string;
  readonly html: string;
  /** The same html, most of it encoded already. */
  readonly preEncoded?: PreEncodedHtml;
  readonly text: string;
  readonly attachments?: readonly Attachment[];
  /** Laurel's own headers, already in order; Message-ID and Date included. */
  readonly headers: readonly (readonly [name: string, value: string])[];
};

/** The bytes of one mail and its envelope, as every transport takes them. */
export type OutgoingMail = {
  readonly messageId: string;
  readonly envelope: { readonly from: string; readonly to: string };
  readonly mime: Buffer;
  /** A campaign's mails wait for a connection behind all others; transactional where it isn't said. */
  readonly lane?: Lane;
  /**
   * Asked when the mail's turn comes, right before anything of it goes out: whether it may still go. What it throws is thrown on,
   * and nothing is sent.
   */
  readonly lastLook?: () => Promise<void> | void;
};

/** What the other side said when it took the mail. */
export type HandOver = { readonly transport: string; readonly response: string };
