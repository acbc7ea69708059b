import { camelCase } from '../../core/camel-case.ts';

const words = (name: string) => name.replaceAll('-', ' ');
const title = (name: string) => words(name).replace(/^./, (first) => first.toUpperCase());

/** A template: definition, look, words in these languages. Paths from the templates folder. */
export function templateFiles(
  name: string,
  languages: readonly string[],
): ReadonlyMap<string, string> {
  const key = camelCase(name);
  const definition = `import { defineTemplate, Reference } from 'laurel';
import { z } from 'zod';

/** What a message of this template says. */
const Data = z.strictObject({
  orderId: Reference,
});

export const ${key} = defineTemplate({
  name: '${name}',
  title: '${title(name)}',
  // Always goes; a commercial one needs consent to marketing.
  class: 'transactional',
  for: 'anybody',
  schema: Data,
  blocks: ['status'],
  // What the subject and the preheader are given, beside \`name\`.
  headline: ({ orderId }) => ({ orderId }),
  // Cancelling this subject stops the message.
  about: ({ orderId }) => [\`order:\${orderId}\`],
  onUnknown: 'resend',
});
`;
  const body = `<mjml>
  <mj-head>{{> head}} {{> styles}}</mj-head>
  <mj-body width="600px" background-color="[[page]]" css-class="page">
    {{> header}}
    <mj-wrapper css-class="surface card" background-color="[[surface]]" border-radius="[[radius]]px" padding="36px 32px">
      <mj-section css-class="surface" background-color="[[surface]]">
        <mj-column>
          <mj-text>
            <h1 class="text big" style="color: [[text]]; font-family: [[headingFont]]; font-size: 34px; line-height: 41px; font-weight: bold">{{t "${key}.title"}}</h1>
            <p class="text" style="color: [[text]]; font-size: 17px; line-height: 26px; padding-top: 10px">{{t "${key}.lead" orderId=data.orderId}}</p>
          </mj-text>
        </mj-column>
      </mj-section>
    </mj-wrapper>
    {{> status}} {{> footer}}
  </mj-body>
</mjml>
`;
  const files = new Map([
    [`${name}/template.ts`, definition],
    [`${name}/body.mjml`, body],
  ]);
  for (const language of languages)
    files.set(`${name}/locales/${language}.json`, json(localeOf(name, language)));
  return files;
}

const localeOf = (name: string, language: string) => {
  const key = camelCase(name);
  const [order, lead] = sentences[language.slice(0, 2)] ?? sentences['en'] ?? ['', ''];
  return {
    subject: `${title(name)}: ${order} {orderId}`,
    preheader: lead.replace('.', ''),
    [`${key}.title`]: title(name),
    [`${key}.lead`]: lead,
  };
};

const sentences: Readonly<Record<string, readonly [order: string, lead: string]>> = {
  en: ['order', 'This is about your order {orderId}.'],
  de: ['Bestellung', 'Es geht um Bestellung {orderId}.'],
  fr: ['commande', 'Il s’agit de la commande {orderId}.'],
  ar: ['الطلب', 'هذه الرسالة بخصوص الطلب {orderId}.'],
};

export const sampleOf = (name: string): string =>
  json({ orderId: `${name.toUpperCase().slice(0, 3)}-1001` });

/** A block: what it says, and how that looks. Paths from the project. */
export const blockFiles = (name: string): ReadonlyMap<string, string> =>
  new Map([
    [
      `blocks/${name}.ts`,
      `import { defineBlock } from 'laurel';
import { z } from 'zod';

/** Place it in a template: \`defineTemplate({ …, blocks: ['status', '${name}'] }, [${camelCase(name)}])\`, and \`{{> ${name}}}\` in its body. */
export const ${camelCase(name)} = defineBlock({
  name: '${name}',
  // Rises whenever its answer could change.
  version: 1,
  content: 'loyalty',
  membersOnly: true,
  // What its look is given, and nothing else.
  view: z.strictObject({ store: z.string() }),
  decide: ({ profile }) =>
    profile?.preferredStore
      ? { kind: 'show', view: { store: profile.preferredStore } }
      : { kind: 'hide', reason: 'nothing-to-show', actual: null, needed: 'a preferred store' },
});
`,
    ],
    [
      `templates/blocks/${name}.mjml`,
      `<mj-section css-class="surface" background-color="[[surface]]" padding="10px 0 0">
  <mj-column>
    <mj-text>
      <p class="text" style="color: [[text]]; font-size: 17px; line-height: 26px">{{store}}</p>
    </mj-text>
  </mj-column>
</mj-section>
`,
    ],
    [`templates/blocks/${name}.text.hbs`, `{{store}}\n`],
  ]);

/** A rule about offers. Path from the project. */
export const ruleFiles = (name: string): ReadonlyMap<string, string> =>
  new Map([
    [
      `rules/${name}.ts`,
      `import { defineRule, hide, pass } from 'laurel';

const dayMs = 86_400_000;
const days = 60;

/** No offers in the first weeks: newcomers are to be welcomed, not sold to. */
export const ${camelCase(name)} = defineRule({
  name: '${name}',
  // Rises whenever its answer could change.
  version: 1,
  about: 'offer',
  // Order is policy: the first objection is the reason that is recorded and shown.
  after: 'usage-limit',
  check: ({ facts: { profile, now } }) => {
    const since = (now.getTime() - Date.parse(profile.enrolledAt)) / dayMs;
    if (since >= days) return pass({ actual: Math.floor(since), needed: days });
    return hide('own-${name}', {
      actual: Math.floor(since),
      needed: days,
      says: \`A member for \${Math.floor(since)} days; offers begin after \${days}.\`,
      flip: { text: \`The member has been one for \${days} days.\` },
    });
  },
});
`,
    ],
  ]);

/** Somebody to try mails with, and that they joined. */
export function personaOf(name: string, brand: string, locale: string, at: string) {
  const email = `${name}@mail.example`;
  const [firstName = name, ...rest] = title(name).split(' ');
  const event = {
    source: 'loyalty',
    id: `${name}-1`,
    at,
    memberId: name,
    type: 'member.enrolled',
    brand,
    membershipNumber: `NEW-${name.toUpperCase()}`,
    email,
    firstName,
    locale,
  };
  const persona = {
    id: name,
    memberId: name,
    name: title(name),
    title: 'Has just joined',
    story: `${firstName}${rest.length > 0 ? ` ${rest.join(' ')}` : ''} joined, and nothing else has happened yet. What happens is in events.ndjson.`,
    stories: [],
    email,
  };
  return { persona, event: `${JSON.stringify(event)}\n` };
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
