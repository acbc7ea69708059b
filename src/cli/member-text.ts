import { moneyText } from '../core/money.ts';
import type { AffectedMessage } from '../members/affected.ts';
import { ago } from '../members/ago.ts';
import type { Entry } from '../members/details.ts';
import type { ErasureRequest } from '../members/erasure-requests.ts';
import type { MemberView } from '../members/view.ts';
import { clock, oneLine, type Paint } from './terminal.ts';

/** A member for a terminal, as support reads it: what stands out first. Pure. */
export function memberText(view: MemberView, paint: Paint): string {
  const name = [view.firstName, view.lastName].filter(Boolean).join(' ') || view.memberId;
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0
      ? []
      : ['', paint('bold', title), ...lines.map((line) => `  ${oneLine(line)}`)];
  return [
    paint('bold', oneLine(`${name}, ${view.brand}`)),
    ...view.summary.map(oneLine),
    '',
    ...facts(view).map(([label, text]) => `${paint('dim', label.padEnd(12))} ${oneLine(text)}`),
    ...section('Last purchases', view.lastPurchases.map(purchaseLine)),
    ...section('Last messages', view.messages.map(messageLine)),
    ...section('Consents', view.consents.map(consentLine)),
    ...section(
      'Identities',
      view.identities.map(
        ({ kind, value, linkedAt }) => `${kind.padEnd(16)} ${value}  since ${day(linkedAt)}`,
      ),
    ),
    ...section('Points, the latest movements', view.entries.map(entryLine)),
  ].join('\n');
}

function facts(view: MemberView): [string, string][] {
  return [
    ['Member', `${view.memberId}, number ${view.membershipNumber}, ${view.memberStatus}`],
    ...(view.tier ? [tierFact(view.tier)] : []),
    ...(view.points ? pointsFacts(view.points) : []),
    ...(view.mergedAccounts.length === 0
      ? []
      : [['Merged', view.mergedAccounts.join(', ')] satisfies [string, string]]),
    ['As of', `${clock(new Date(view.asOf))}, ledger version ${view.ledgerVersion}`],
  ];
}

function tierFact(tier: NonNullable<MemberView['tier']>): [string, string] {
  const next = tier.next ? `; ${number(tier.next.pointsToGo)} points to ${tier.next.name}` : '';
  return ['Tier', `${tier.name} since ${day(tier.since)} (${tier.because})${next}`];
}

function pointsFacts(points: NonNullable<MemberView['points']>): [string, string][] {
  const held = [
    `${number(points.active)} to spend`,
    ...(points.pending > 0 ? [`${number(points.pending)} pending`] : []),
    ...(points.locked > 0 ? [`${number(points.locked)} locked`] : []),
    ...(points.debt > 0 ? [`${number(points.debt)} owed`] : []),
  ].join(', ');
  const expiring = points.expiring
    .map((lot) => `${number(lot.points)} on ${day(lot.expiresAt)}`)
    .join(', ');
  return [
    ['Points', held],
    ...(expiring === '' ? [] : [['Expiring', expiring] satisfies [string, string]]),
  ];
}

const number = (value: number) => value.toLocaleString('en');
const day = (instant: string) => instant.slice(0, 10);

const purchaseLine = (one: MemberView['lastPurchases'][number]) =>
  [
    ago(one.minutesAgo).padEnd(16),
    one.channel.padEnd(8),
    moneyText(one).padEnd(14),
    ...(one.state === 'placed' ? [] : [`(${one.state})`]),
    [one.products.join(', '), one.store].filter(Boolean).join(', '),
    ` ${one.orderId}`,
  ].join(' ');

const messageLine = (one: MemberView['messages'][number]) =>
  `${one.template.padEnd(20)} ${one.says}  ${one.id}`;

const consentLine = (one: MemberView['consents'][number]) =>
  `${one.purpose.padEnd(12)} ${one.granted ? 'yes' : 'no '}  ${day(one.at)}, ${one.source}${one.basis === null ? '' : `, ${one.basis}`}${one.proof === null ? '' : `, ${one.proof}`}`;

const entryLine = (one: Entry) =>
  `${day(one.at)}  ${one.kind.padEnd(9)} ${number(one.points).padStart(9)}  ${one.ref ?? ''}${one.reason === null ? '' : `  ${one.reason}`}${one.expiresAt === null ? '' : `  until ${day(one.expiresAt)}`}`;

/** Movements of points, a line each. */
export const entriesText = (entries: readonly Entry[]): string =>
  entries.length === 0
    ? 'There is no movement of points.'
    : entries.map((one) => oneLine(entryLine(one))).join('\n');

/** Mails of a wrong profile, a line each, with what they said. */
export function affectedText(mails: readonly AffectedMessage[]): string {
  if (mails.length === 0) return 'No mail was made from a wrong profile.';
  return mails
    .map(({ id, at, template, sentTo, profileOf, wrongAccount, wrongAddress, claims }) => {
      const said = [
        ...(claims.firstName === null ? [] : [`to “${claims.firstName}”`]),
        ...(claims.tier === null ? [] : [`tier ${claims.tier}`]),
        ...(claims.activePoints === null ? [] : [`${number(claims.activePoints)} points`]),
        ...(claims.offers.length === 0 ? [] : [`offers ${claims.offers.join(', ')}`]),
      ].join(', ');
      return oneLine(
        `${id}  ${clock(new Date(at))}  ${template}  to ${sentTo ?? 'nobody'}: ${said || 'nothing of the member'}; profile of ${profileOf}${wrongAccount === null ? `, and ${wrongAddress} is not the member’s` : ` with ${wrongAccount}`}`,
      );
    })
    .join('\n');
}

/** Who waits to be erased, and how to do it. Pure. */
export function erasuresText(requests: readonly ErasureRequest[]): string {
  if (requests.length === 0) return 'Nobody waits to be erased.';
  return [
    ...requests.map(
      ({ memberId, brand, askedAt, proof }) =>
        `${day(askedAt)}  ${oneLine(memberId)}  ${oneLine(brand)}  (${oneLine(proof)})`,
    ),
    '',
    'Erase one with laurel member erase <id> --yes',
  ].join('\n');
}
