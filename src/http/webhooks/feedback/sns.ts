import { verify, X509Certificate } from 'node:crypto';

import { z } from 'zod';

import { parseUrl } from '../../../core/parse-url.ts';

/** A message of Amazon SNS, as it is posted. */
export const SnsMessage = z.looseObject({
  Type: z.enum(['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation']),
  MessageId: z.string(),
  TopicArn: z.string(),
  Message: z.string(),
  Timestamp: z.string(),
  Subject: z.string().nullish(),
  SignatureVersion: z.enum(['1', '2']),
  Signature: z.string(),
  SigningCertURL: z.string(),
  SubscribeURL: z.string().optional(),
  Token: z.string().optional(),
});
export type SnsMessage = z.output<typeof SnsMessage>;

/** Answers the text at an address; rejects where there is none. */
type FetchText = (url: string) => Promise<string>;

export const fetchText: FetchText = async (url) => {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(5_000) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return response.text();
};

/** Whether it leads to SNS itself: anybody can name an address. */
export const isOfSns = (url: string | undefined): url is string =>
  url !== undefined &&
  /^https:\/\/sns\.[a-z0-9-]{3,40}\.amazonaws\.com(?:\.cn)?\/[^@]*$/.test(
    parseUrl(url)?.href ?? '',
  );

/** What SNS signs of a message, in its order. */
const signedFields = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: [
    'Message',
    'MessageId',
    'SubscribeURL',
    'Timestamp',
    'Token',
    'TopicArn',
    'Type',
  ],
} as const;

const signedText = (message: SnsMessage): string =>
  signedFields[message.Type === 'Notification' ? 'Notification' : 'SubscriptionConfirmation']
    .flatMap((field) => {
      const value = message[field];
      return value === undefined || value === null ? [] : [`${field}\n${value}\n`];
    })
    .join('');

/** Certificates kept; SNS has one at a time in a region. */
const most = 20;

/**
 * Checks signatures of SNS under the certificate that a message names, which has to come from SNS. Certificates are fetched once.
 * @returns rejects where the certificate can't be had, so that SNS tries again
 */
export function snsSignatures(fetchPem: FetchText) {
  const certificates = new Map<string, X509Certificate>();
  const certificateOf = async (url: string) => {
    const known = certificates.get(url);
    if (known) return known;
    const fetched = new X509Certificate(await fetchPem(url));
    if (certificates.size >= most) certificates.clear();
    certificates.set(url, fetched);
    return fetched;
  };
  return async (message: SnsMessage, now: Date): Promise<boolean> => {
    if (!isOfSns(message.SigningCertURL) || !message.SigningCertURL.endsWith('.pem')) return false;
    const certificate = await certificateOf(message.SigningCertURL);
    if (now < new Date(certificate.validFrom) || now > new Date(certificate.validTo)) return false;
    const algorithm = message.SignatureVersion === '1' ? 'sha1' : 'sha256';
    const signature = Buffer.from(message.Signature, 'base64');
    return verify(algorithm, Buffer.from(signedText(message)), certificate.publicKey, signature);
  };
}
