import { open, type Place } from './notes.ts';

/** How other languages, of which nothing is read, write values and conditions. */
const languages: readonly (readonly [RegExp, 'value' | 'condition'])[] = [
  // Salesforce's AMPscript
  [/%%\[[^\]]*\]%%|%%=[\s\S]*?=%%/g, 'condition'],
  [/%%[\w. ]+%%/g, 'value'],
  // FreeMarker
  [/<\/?[#@](?:if|else|elseif|list|items|switch|case|macro|include)\b[^>]*>/g, 'condition'],
  // Template Toolkit
  [/\[%[\s\S]*?%\]/g, 'condition'],
  // Velocity
  [/#(?:if|elseif|foreach|set|macro|parse|include)\s*\([^)\n]*\)|#(?:else|end)\b/g, 'condition'],
  [/\$!?[A-Za-z_]\w*(?:\.\w+)*(?:\([^)\n]*\))?/g, 'value'],
  // Smarty
  [/\{\/?(?:if|else|elseif|foreach|section)\b[^{}\n]*\}/g, 'condition'],
  // Razor
  [
    /@(?:if|foreach|switch|for)\s*\([^)\n]*\)\s*\{|@(?:Model|ViewBag|ViewData)\b[\w.[\]"]*/g,
    'condition',
  ],
  // Thymeleaf, Vue, Angular, Alpine, Knockout, TAL
  [
    /(?<=[\s"'])(?:th:(?:if|unless|each|text|utext|switch|case|href)|v-(?:if|else|else-if|for|show|text|html)|ng-(?:if|repeat|show|hide|bind)|\*ng(?:If|For)|x-(?:if|for|show|text)|data-bind|tal:\w+)(?==)/g,
    'condition',
  ],
  [/<!--\s*\/?ko\b[\s\S]*?-->|<!--#[\s\S]*?-->/g, 'condition'],
  // Many: JavaScript's, Ruby's, Java's; Python's and .NET's.
  [/[$#*]!?\{[^{}\n]+\}/g, 'value'],
  [/\{\$?[A-Za-z_][\w.]*\}/g, 'value'],
  [/@@\w+@@|\|\|\w+\|\|/g, 'value'],
];

/** What isn't for readers: style sheets, scripts, what has been read, and comments that ask nothing. */
const apart =
  /<(style|script|mj-style)\b[\s\S]*?<\/\1\s*>|<!--(?!#|\s*\/?ko\b|\[)[\s\S]*?-->|\{\{\{?[\s\S]*?\}?\}\}/gi;

/** Tells what would stand in every mail as it is written, or would ask nothing any more. */
export function tellUnread(source: string, place: Place): void {
  let rest = source.replace(apart, (whole) => whole.replace(/[^\n]/g, ' '));
  // `$5` and `#end` are words of people, unless something asks so.
  const isVelocity = /#(?:if|foreach|set)\s*\(/.test(rest);
  for (const [sign, kind] of languages)
    rest = rest.replace(sign, (whole: string, ...more: unknown[]) => {
      const at = Number(more.find((one) => typeof one === 'number'));
      if (!isVelocity && /^(?:#(?:else|end)|\$[^{]*)$/.test(whole)) return whole;
      open(
        place,
        at,
        kind === 'value'
          ? `${whole} is of a language that isn’t read, and stands in the mail as it is: write {{data.…}}`
          : `${whole} is of a language that isn’t read, and asks nothing: what it stands around goes to everybody; write {{#if …}}, {{else}} and {{/if}}`,
      );
      return whole.replace(/[^\n]/g, ' ');
    });
}
