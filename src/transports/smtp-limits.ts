/** How long a server may say nothing, in milliseconds; RFC 5321 4.5.3.2 says how long it may be at most. */
export type SmtpLimits = {
  /** Connecting, TLS and the greeting together. */
  readonly connect: number;
  /** Each answer to EHLO, login, MAIL, RCPT, DATA. */
  readonly command: number;
  /** Taking each block of a mail. */
  readonly block: number;
  /** The answer to the final dot: who hangs up before it may send a second copy. */
  readonly answer: number;
};

/** Of commands, what it says of DATA, which goes out with the others. */
export const mostSmtpSeconds: SmtpLimits = { connect: 300, command: 120, block: 180, answer: 600 };

export const usualLimits: SmtpLimits = {
  connect: 20_000,
  command: 60_000,
  block: 60_000,
  answer: 300_000,
};
