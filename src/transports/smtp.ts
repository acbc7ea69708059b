import { toWire } from './dot-stuffing.ts';
import { type SmtpLimits, usualLimits } from './smtp-limits.ts';
import { SmtpPool } from './smtp-pool.ts';
import { parseSmtpUrl } from './smtp-url.ts';
import { assertEnvelope, type Transport } from './transport.ts';

export type SmtpOptions = {
  /** `smtp://user:secret@mail.example.com:587?tls=required`, see parseSmtpUrl. */
  readonly url: string;
  /** Connections at most. */
  readonly poolSize?: number;
  /** Mails over one connection before it is replaced. */
  readonly maxMails?: number;
  /** Milliseconds after which an unused connection is closed. */
  readonly idleTimeout?: number;
  /** How long the server may say nothing; `usualLimits` where left out. */
  readonly limits?: Partial<SmtpLimits>;
  /** A certificate to trust besides the system's, as PEM. */
  readonly ca?: string;
};

/**
 * Sends over SMTP through a small pool of connections, each of which serves one mail at a time: transactional ones before those of campaigns.
 * Opens nothing until the first mail. @throws Error when the URL is unusable.
 */
export function openSmtp({
  url,
  poolSize = 5,
  maxMails = 500,
  idleTimeout = 30_000,
  limits: wanted,
  ca,
}: SmtpOptions): Transport {
  const limits = { ...usualLimits, ...wanted };
  const server = parseSmtpUrl(url);
  const pool = new SmtpPool({ server, ca, limits, poolSize, maxMails, idleTimeout });
  const inHand = new Set<Promise<unknown>>();

  async function keep<T>(work: Promise<T>): Promise<T> {
    inHand.add(work);
    try {
      return await work;
    } finally {
      inHand.delete(work);
    }
  }

  return {
    name: 'smtp',
    async send({ envelope, mime, lane, lastLook }, signal) {
      assertEnvelope(envelope);
      const wire = toWire(mime);
      const response = await keep(
        pool.withSession(
          signal,
          async (session) => {
            // Waiting for a connection may take long.
            const looking = lastLook?.();
            if (looking) await looking;
            return session.send(envelope, wire, signal);
          },
          lane,
        ),
      );
      return { transport: 'smtp', response };
    },
    check: () =>
      keep(pool.withSession(AbortSignal.timeout(2 * limits.connect), (session) => session.check())),
    async close() {
      pool.refuse();
      await Promise.allSettled(inHand);
      await pool.close();
    },
  };
}
