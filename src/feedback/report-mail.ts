import { createHash } from 'node:crypto';

import PostalMime, { type Attachment, type Email } from 'postal-mime';

import { InvalidInput } from '../core/errors.ts';
import { type FeedbackKind, messageIdIn } from './feedback.ts';
import type { Told } from './record.ts';

/** Fields of a report, by lower-case name; the first of each counts. */
type Fields = ReadonlyMap<string, string>;

const reportTypes = ['message/delivery-status', 'message/feedback-report'];
const originalTypes = [
  'message/rfc822',
  'text/rfc822-headers',
  'message/global',
  'message/global-headers',
];
/** Bytes. */
const most = 25_000_000;

/**
 * What a report mail tells: a delivery status notification (RFC 3464) or a complaint (RFC 5965, ARF). Only of a mail whose
 * `Message-ID` it gives back, for anybody can write such a mail, and that id is known to those who got ours.
 * @param mail as it arrived
 * @param now stands for a `Date` that it lacks
 * @throws InvalidInput saying what is missing
 */
export async function readReportMail(mail: Buffer, now: Date): Promise<Told[]> {
  if (mail.length > most) throw refused(`has ${mail.length} bytes; at most ${most} are read`);
  const parsed = await PostalMime.parse(mail, {
    attachmentEncoding: 'arraybuffer',
    forceRfc822Attachments: true,
  });
  const report = parsed.attachments.find(({ mimeType }) => reportTypes.includes(mimeType));
  if (!report)
    throw refused(
      'is no report: it has neither a message/delivery-status nor a message/feedback-report part',
    );
  const messageId = await originalId(parsed);
  if (messageId === null)
    throw refused('is not about a mail of Laurel: it gives back no Message-ID of one');
  const groups = groupsOf(textOf(report));
  const at = dateOf(parsed, now);
  // The same mail is the same report, with a Message-ID of its own or without.
  const digest = createHash('sha256').update(mail).digest('hex').slice(0, 32);
  const told =
    report.mimeType === 'message/feedback-report' ? complaints(groups) : deliveries(groups);
  return told.map(({ kind, address, detail }, index) => ({
    id: `${messageId}-${kind}-${digest}-${index}`,
    kind,
    at,
    messageId,
    ...(address !== '' && { address }),
    ...(detail !== '' && { detail }),
  }));
}

type Line = { readonly kind: FeedbackKind; readonly address: string; readonly detail: string };

/** The first group is about the report itself, the others about a recipient each (RFC 3464 2.1). */
function deliveries(groups: readonly Fields[]): Line[] {
  return groups.slice(1).flatMap((fields): Line[] => {
    const kind = deliveryKind(fields.get('action') ?? '', fields.get('status') ?? '');
    const recipient = fields.get('original-recipient') ?? fields.get('final-recipient') ?? '';
    const said = [fields.get('status'), fields.get('diagnostic-code')].filter(Boolean).join(' ');
    return kind === null ? [] : [{ kind, address: typed(recipient), detail: said }];
  });
}

/** `5.1.x`: bad destination; `5.2.1`: the mailbox is disabled. Other refusals may pass: full, too large, blocked. */
function deliveryKind(action: string, status: string): FeedbackKind | null {
  switch (action.toLowerCase()) {
    case 'failed':
      return /^5\.(?:1\.(?:0|1|2|3|6|10)|2\.1)\b/.test(status) ? 'hard-bounce' : 'soft-bounce';
    case 'delayed':
      return 'delayed';
    case 'delivered':
      return 'delivered';
    // Where it was relayed to, nothing more will be told.
    default:
      return null;
  }
}

const complaintTypes = new Set(['abuse', 'fraud', 'virus', 'other']);

function complaints(groups: readonly Fields[]): Line[] {
  const [fields] = groups;
  const type = (fields?.get('feedback-type') ?? '').toLowerCase();
  const detail = [type, fields?.get('user-agent')].filter(Boolean).join(' ');
  const address = typed(fields?.get('original-rcpt-to') ?? '');
  if (type === 'opt-out' || type === 'opt-out-list')
    return [{ kind: 'unsubscribed', address, detail }];
  return complaintTypes.has(type) ? [{ kind: 'complaint', address, detail }] : [];
}

/** `rfc822; ana@example.com` → the address. */
const typed = (value: string): string =>
  value
    .replace(/^[\w-]+\s*;/, '')
    .replace(/^\s*<|>\s*$/g, '')
    .trim();

/** The `Message-ID` of the mail that is given back. */
async function originalId({ attachments }: Email): Promise<string | null> {
  for (const part of attachments.filter(({ mimeType }) => originalTypes.includes(mimeType))) {
    const id = messageIdIn(groupsOf(textOf(part))[0]?.get('message-id'));
    if (id !== null) return id;
  }
  return null;
}

function dateOf({ date }: Email, now: Date): string {
  const at = Date.parse(date ?? '');
  return new Date(Number.isNaN(at) ? now : at).toISOString();
}

const textOf = ({ content }: Attachment): string =>
  typeof content === 'string' ? content : Buffer.from(new Uint8Array(content)).toString('latin1');

/** Groups of fields, blank lines between them, folded lines put together. */
function groupsOf(text: string): Fields[] {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/^\n+/, '')
    .replace(/\n[ \t]+/g, ' ')
    .split(/\n{2,}/)
    .map((group) => {
      const fields = new Map<string, string>();
      for (const line of group.split('\n')) {
        const at = line.indexOf(':');
        const name = line.slice(0, at).trim().toLowerCase();
        if (at > 0 && !fields.has(name)) fields.set(name, line.slice(at + 1).trim());
      }
      return fields;
    })
    .filter(({ size }) => size > 0);
}

const refused = (message: string) => new InvalidInput([{ path: 'mail', message }]);
