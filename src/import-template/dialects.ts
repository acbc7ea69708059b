import { otherLanguages } from './languages.ts';
import { open, type Place } from './notes.ts';

/** Stands for what Laurel itself says, until everything else is rewritten. */
const mark = (name: 'subject' | 'preheader') => `\uE000${name}\uE001`;
export const unmarked = (text: string): string =>
  text.replace(/\uE000(\w+)\uE001/g, '{{@root.$1}}');

/** Merge tags that are Laurel's own business, by what they become. */
const own: Readonly<Record<string, string>> = {
  UNSUB: '{{unsubscribe}}',
  'MC:SUBJECT': mark('subject'),
  MC_PREVIEW_TEXT: mark('preheader'),
  'LIST:COMPANY': '[[legal.company]]',
  'LIST:NAME': '[[name]]',
  'LIST:DESCRIPTION': '[[name]]',
  'LIST:ADDRESS': '[[legal.address]]',
  'LIST:ADDRESSLINE': '[[legal.address]]',
  'HTML:LIST_ADDRESS_HTML': '[[legal.address]]',
  'LIST:URL': '[[siteUrl]]',
};

/** Tags that stand for what Laurel has no page for. */
const without: Readonly<Record<string, string>> = {
  ARCHIVE: 'Laurel keeps no public page of a mail',
  UPDATE_PROFILE: 'write the address of your own page for it',
  FORWARD: 'mails are forwarded by mail clients',
  REWARDS: 'it advertises the system it is from',
  'LIST:RECIPIENT': 'say it in the template’s words',
  CURRENT_YEAR: 'send the year as a field, or leave it out',
};

/**
 * Merge tags of Mailchimp, Mandrill, Mailgun and SendGrid's suppressions as `{{…}}`, each on its line; `[[…]]` are Laurel's
 * brand tokens. What has no counterpart is left out and told.
 */
export function asMustaches(source: string, place: Place): string {
  return otherLanguages(source, place)
    .replaceAll('[[', '[&#91;')
    .replace(
      /\*\|(?:(END|ELSEIF|ELSE|IFNOT|IF|INTERESTED|GROUP):)?([^|]*)\|\*/g,
      (whole, word: string | undefined, rest: string, at: number) =>
        mergeTag(whole, word, rest.trim(), at, place),
    )
    .replace(/%recipient\.(\w+)%/g, '{{$1}}')
    .replace(/%(?:tag_|mailing_list_)?unsubscribe_url%/g, '{{unsubscribe}}')
    .replace(/%recipient_email%|%recipient%/g, '{{email}}')
    .replace(
      /<%asm_(?:group_unsubscribe|preferences)(?:_raw)?_url%>|<%\s*(?:asm_\w+|unsubscribe)\s*%>/g,
      '{{unsubscribe}}',
    );
}

function mergeTag(
  whole: string,
  word: string | undefined,
  rest: string,
  at: number,
  place: Place,
): string {
  const left = (what: string) => {
    open(place, at, `${whole} is left out: ${what}`);
    return '';
  };
  if (word === 'END') return '{{/if}}';
  if (word === 'ELSE') return '{{else}}';
  if (word === 'INTERESTED' || word === 'GROUP')
    return left('who is interested is decided by rules and offers, not in the template');
  if (word !== undefined) return condition(word, rest, left);
  const mine = own[rest];
  if (mine !== undefined) return mine;
  const why = without[rest] ?? without[rest.split(':')[0] ?? ''];
  if (why !== undefined) return left(why);
  if (
    /^(DATE|RSS|FEED|POLL|SURVEY|TWITTER|FACEBOOK|YOUTUBE|MC|HTML|COUPON|PRODUCT|PROMO|CART|ORDER):/.test(
      rest,
    )
  )
    return left('it asks the system it is from; send what it would give as a field');
  return /^[A-Za-z_][\w.]*$/.test(rest)
    ? `{{${rest.toLowerCase()}}}`
    : left('it isn’t known; send what it would give as a field');
}

function condition(word: string, rest: string, left: (what: string) => string): string {
  const [, name, sign, value] = /^([A-Za-z_]\w*)\s*(?:(=|!=|>=|<=|>|<)\s*(.+))?$/.exec(rest) ?? [];
  if (name === undefined)
    return left('this condition isn’t known; its content is always shown') + '{{#if true}}';
  // Every mail has a subject and a preheader.
  const field = name === 'MC_PREVIEW_TEXT' ? 'true' : name.toLowerCase();
  const literal = /^-?\d+(\.\d+)?$/.test(value ?? '')
    ? value
    : `"${(value ?? '').replace(/^["']|["']$/g, '')}"`;
  const asked =
    sign === undefined
      ? field
      : ({
          '=': `(eq ${field} ${literal})`,
          '!=': `(ne ${field} ${literal})`,
          '>': `(gt ${field} ${literal})`,
          '<': `(lt ${field} ${literal})`,
          '>=': `(gte ${field} ${literal})`,
          '<=': `(lte ${field} ${literal})`,
        }[sign] ?? field);
  return word === 'ELSEIF'
    ? `{{else if ${asked}}}`
    : word === 'IFNOT'
      ? `{{#unless ${asked}}}`
      : `{{#if ${asked}}}`;
}
