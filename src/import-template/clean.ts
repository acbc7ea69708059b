import { uncommented } from './commented-tags.ts';
import { blankLines, open, type Place } from './notes.ts';
import { isUnsubscribe } from './scopes.ts';

/** What no mail may have is left out, on lines of its own: everything else stays where it was. */
export function cleaned(source: string, place: Place): string {
  const { notes } = place;
  let text = source;
  const without = (pattern: RegExp, note: string) => {
    text = text.replace(pattern, (whole) => {
      notes.changed.add(note);
      return blankLines(whole);
    });
  };
  if (/<mjml\b/i.test(text)) text = text.replace(/^\s*<[!?][^<>]*>/, blankLines);
  // First, for what they hold isn't in the mail either.
  text = text.replace(/\{\{~?!--[\s\S]*?--~?\}\}|\{\{~?![\s\S]*?\}\}/g, blankLines);
  text = uncommented(text, place);
  without(/<script\b[\s\S]*?<\/script>/gi, 'scripts are left out');
  without(
    /<(iframe|object|form)\b[\s\S]*?<\/\1>|<(?:embed|base)\b[^>]*>/gi,
    'forms and embedded pages are left out: no mail client shows them',
  );
  without(/<mj-font\b[^>]*?(\/>|>\s*<\/mj-font>)/gi, 'remote fonts are left out');
  without(/<link\b[^>]*>/gi, 'remote style sheets and fonts are left out');
  without(/@import\b[^;]*;/gi, 'remote style sheets and fonts are left out');
  without(/@font-face\s*\{[^}]*\}/gi, 'remote style sheets and fonts are left out');
  without(/\son\w+\s*=\s*("[^"]*"|'[^']*')(?=[^<>]*>)/gi, 'scripts are left out');
  without(
    /\smc:\w+(\s*=\s*("[^"]*"|'[^']*'))?(?=[^<>]*>)/gi,
    'attributes of other systems’ editors are left out',
  );
  return quotedFields(unsubscribable(text, place));
}

/** `href={{url}}` needs quotes. */
const quotedFields = (text: string) =>
  text.replace(/(<[A-Za-z][^<>]*?\s[\w:-]+=)(\{\{\{?[^{}]*\}?\}\})(?=[\s/>])/g, '$1"$2"');

/** The link is there where the mail may be unsubscribed from. */
function unsubscribable(text: string, { notes }: Place): string {
  return text.replace(
    /<a\b[^>]*?href=["']?\{\{\{?\s*([\w.]+)\s*\}?\}\}["']?[^>]*>[\s\S]*?<\/a>/gi,
    (whole, name: string) => {
      if (!isUnsubscribe(name)) return whole;
      notes.changed.add('the link to unsubscribe is there where the mail can be unsubscribed from');
      return `{{#if unsubscribe}}${whole}{{/if}}`;
    },
  );
}

/** What stands in a tag and cannot depend on data. */
export function leftOut(place: Place, at: number, attribute: string, why: string): string {
  open(place, at, `${attribute} is left out: ${why}`);
  return '';
}
