import Handlebars from 'handlebars';
import mjml2html from 'mjml';

import type { LinkedData } from '../../src/contract/linked-data.ts';
import { helpersFor } from '../../src/render/handlebars/handlebars.ts';
import { JsonLd } from '../../src/render/json-ld.ts';
import { withComponents } from '../../src/render/mjml/components.ts';
import type { BrandToken, SourceFile } from '../../src/render/mjml/expand.ts';
import { fillTokens } from '../../src/render/mjml/expand.ts';
import { isolate } from '../../src/render/voice/bidi.ts';
import type { Voice } from '../../src/render/voice/voice.ts';

type Setting = {
  readonly body: SourceFile;
  readonly find: (name: string) => SourceFile | undefined;
  readonly token: BrandToken;
  readonly voice: Voice;
  readonly dir: 'ltr' | 'rtl';
};

/**
 * The reference: what people do. Handlebars' own compiler and runtime make this mail's MJML, then MJML makes its html,
 * from the start for every mail.
 */
export function slowMjml({ body, find, token, voice, dir }: Setting) {
  const environment = Handlebars.create();
  for (const [name, helper] of Object.entries(helpersFor(voice)))
    if (typeof helper === 'function')
      environment.registerHelper(name, (...args: unknown[]) => Reflect.apply(helper, null, args));
  environment.registerHelper(
    'jsonLd',
    (things: readonly LinkedData[]) => new Handlebars.SafeString(new JsonLd(things).html),
  );
  environment.registerHelper('isolated', (value: unknown) =>
    typeof value === 'string' ? isolate(value, dir) : value,
  );
  // Values of data that run the other way are kept apart from their line.
  const isolating = expanded(body, find, token).replace(
    /\{\{(~?)\s*(?!else\b|subject\b|preheader\b)([\w@.][\w.@/]*)\s*(~?)\}\}/g,
    '{{$1isolated $2$3}}',
  );
  const mjmlOf = environment.compile(isolating);
  return async (context: object): Promise<string> => {
    const markup = mjmlOf(context).replace('<mjml>', `<mjml lang="${voice.locale}" dir="${dir}">`);
    const { html } = await mjml2html(markup, { validationLevel: 'strict', fonts: {} });
    return html;
  };
}

/** Components, partials and brand tokens are put in as text. */
function expanded(
  { source, file, block }: SourceFile,
  find: Setting['find'],
  token: BrandToken,
): string {
  const filled = withComponents(source, file, find)
    .source.split(/(<mj-style[\s\S]*?<\/mj-style>)/)
    .map((part) => fillTokens(part, token, part.startsWith('<mj-style'), file, 1, []))
    .join('');
  const text = filled.replace(/\{\{>\s*([\w-]+)\s*\}\}/g, (_, name: string) => {
    const found = find(name);
    if (!found) throw new Error(`no partial ${name}`);
    return expanded(found, find, token);
  });
  return block === undefined ? text : `{{#with @root.blocks.${block}}}${text}{{/with}}`;
}
