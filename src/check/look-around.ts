import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';

import type { Decision } from '../contract/decision.ts';
import { outcomeOf } from '../personas/persona.ts';
import { checkedMail } from '../render/check/checked-mail.ts';
import type { ClientSupport } from '../render/check/client-support.ts';
import { lookAtMail } from '../render/check/look.ts';
import type { FindSource } from '../render/check/sources.ts';
import type { Findings } from './findings.ts';
import { type Job, type Made, makeMail } from './make-mail.ts';
import { peopleFor, type Person, turned } from './people.ts';
import type { Reach } from './reach.ts';
import type { Sampling } from './sampling.ts';

/** What is gathered over all templates and brands. */
export type Gathering = {
  readonly findings: Findings;
  readonly source: FindSource;
  readonly reach: Reach;
  readonly support: ClientSupport | null;
  /** For the browser. */
  readonly sampling: Sampling;
  /** Hashes of mails that were looked at. */
  readonly seen: Set<string>;
  people: number;
};

/** How many people are made up of what decisions say would turn them, for one template and brand. */
const mostTurned = 80;
/** How long a component may take to set itself up: what it waits for is the same for every mail. */
const patience = { tries: 200, pauseMs: 20 };

/** Makes one template's mails of one brand for everybody, and for whom their decisions tell of, and looks at each. */
export async function lookAround(
  job: Job,
  wanted: readonly string[] | undefined,
  to: Gathering,
): Promise<void> {
  const { template, brand: loaded, catalogue, personas, data, at } = job;
  const { brand } = loaded;
  const locales = wanted?.length
    ? brand.locales.filter((locale) => wanted.includes(locale))
    : brand.locales;
  const people: Person[] = [...peopleFor({ brand, catalogue, personas, now: at }, template, data)];
  const tried = new Set(people.map(({ id }) => id));
  const looks = new Set<string>();
  const first = people.length;
  for (const person of people) {
    const made = await patiently(job, person, brand.defaultLocale);
    if (made.kind !== 'made') {
      tellFailure(job, person, brand.defaultLocale, made, to);
      continue;
    }
    const { decision } = made;
    to.people += 1;
    to.reach.note(template.name, brand.id, decision);
    tellUnexpected(job, person, decision, to);
    const look = decision.blocks.map(({ block, kind }) => (kind === 'show' ? block : '')).join();
    if (person.known || !looks.has(look))
      for (const locale of locales) lookAt(job, person, locale, to);
    looks.add(look);
    if (people.length < first + mostTurned)
      for (const other of turned(person, decision, brand, at))
        if (!tried.has(other.id) && other.id.length < 400) {
          tried.add(other.id);
          people.push(other);
        }
  }
}

async function patiently(job: Job, person: Person, locale: string): Promise<Made> {
  for (let tries = 1; ; tries += 1) {
    const made = makeMail(job, person, locale);
    if (made.kind !== 'not-ready' || tries === patience.tries) return made;
    await setTimeout(patience.pauseMs);
  }
}

function lookAt(job: Job, person: Person, locale: string, to: Gathering): void {
  const made = makeMail(job, person, locale);
  if (made.kind !== 'made') return tellFailure(job, person, locale, made, to);
  if (!made.email) return;
  const { subject, preheader, html, text } = made.email;
  const hash = createHash('sha256')
    .update([subject, preheader, html, text].join('\n'))
    .digest('base64');
  if (to.seen.has(hash)) return;
  to.seen.add(hash);
  const { template, brand } = job;
  const about = { template, brand: brand.brand, decision: made.decision };
  const mail = checkedMail(about, made.email, made.rendered);
  to.sampling.note(mail);
  const of = {
    template: job.template.name,
    brand: job.brand.brand.id,
    locale,
    persona: person.id,
  };
  for (const { check, file, line, ...found } of lookAtMail(mail, to.support, to.source))
    to.findings.add(found, {
      check,
      ...of,
      ...(file !== undefined && { file }),
      ...(line !== undefined && { line }),
    });
}

/** A persona says what must become of which mail. */
function tellUnexpected(
  { template, brand }: Job,
  { id, expected }: Person,
  decision: Decision,
  { findings }: Gathering,
): void {
  const came = outcomeOf(decision);
  if (expected === undefined || came === expected) return;
  findings.add(
    {
      severity: 'error',
      message: `“${expected}” is expected, but it is “${came}”`,
      fix: 'put right what changed, or what the persona expects',
    },
    {
      check: 'expected',
      template: template.name,
      brand: brand.brand.id,
      locale: '*',
      persona: id,
      file: `fixtures/${brand.brand.id}/personas.json`,
    },
  );
}

/** A mail that can't be made is a finding. */
function tellFailure(
  { template, brand }: Job,
  person: Person,
  locale: string,
  made: Exclude<Made, { kind: 'made' }>,
  { findings, source }: Gathering,
): void {
  const why = made.kind === 'failed' ? made.why : 'its component never gets ready';
  findings.add(
    {
      severity: 'error',
      message: `cannot be made: ${why}`,
      fix: 'such a mail is quarantined; put right what it names',
    },
    {
      check: 'render',
      template: template.name,
      brand: brand.brand.id,
      locale,
      persona: person.id,
      ...source({ template: template.name, check: 'render', locale }),
    },
  );
}
