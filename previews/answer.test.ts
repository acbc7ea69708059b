import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { personaLedger } from '../test/personas.ts';
import { renderAnswer } from './answer.ts';
import { listPersonas, listTemplates } from './lists.ts';
import {
  type Card,
  type PersonaEntry,
  RenderRequest,
  type TemplateList,
  type Trial,
} from './protocol.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

const ledger = personaLedger();
let workshop: Workshop;
let lists: TemplateList;
let personas: PersonaEntry[];

beforeAll(async () => {
  workshop = await openWorkshop(join(import.meta.dirname, '..'), ledger);
  lists = await listTemplates(workshop);
  personas = await listPersonas(workshop);
  // Compiled beforehand: what a test takes then is what it asks.
  for (const { name, brands } of lists.templates)
    for (const brand of brands) await workshop.template(name, brand);
}, 120_000);
afterAll(() => ledger.close());

const answerFor = async (template: string, { brand, id }: PersonaEntry, trial?: Trial) =>
  (
    await renderAnswer(
      workshop,
      RenderRequest.parse({
        template,
        brand,
        persona: id,
        // As they would come back out of an address.
        set: Object.fromEntries(
          Object.entries(trial?.set ?? {}).map(([path, value]) => [
            path,
            typeof value === 'string' ? value : JSON.stringify(value),
          ]),
        ),
        ...(trial?.at !== undefined && { at: trial.at }),
      }),
    )
  ).answer;

/** Each mail for every sixth persona, in turn: all of them for all would take minutes. */
const cases = () =>
  lists.templates.flatMap(({ name, brands }, turn) =>
    personas
      .filter(({ brand }, index) => brands.includes(brand) && index % 6 === turn % 6)
      .map((persona) => ({ name, persona })),
  );

const about = (cards: readonly Card[], id: string) => cards.find((card) => card.id === id);

describe('what is proposed to be tried', () => {
  it('turns the rule that stood against it, whatever another may then say', async () => {
    let tried = 0;
    for (const { name, persona } of cases()) {
      const { blocks, hypothetical } = await answerFor(name, persona);
      if (hypothetical) continue;
      for (const card of blocks.filter(({ trial }) => trial !== null)) {
        const after = await answerFor(name, persona, card.trial ?? undefined);
        const turned = about(after.blocks, card.id);
        const stands = turned?.shown === false && turned.rule === card.rule;
        expect({ name, persona: persona.id, card: card.id, stands }).toMatchObject({
          stands: false,
        });
        tried += 1;
      }
    }
    expect(tried).toBeGreaterThan(20);
  });

  it('sends what was not sent, and shows beforehand the very mail it would be', async () => {
    let tried = 0;
    for (const { name, persona } of cases()) {
      const before = await answerFor(name, persona);
      if (!before.verdict.trial || !before.hypothetical) continue;
      const after = await answerFor(name, persona, before.verdict.trial);
      expect(after.verdict.kind).toBe('send');
      expect(after.mail?.hash).toBe(before.mail?.hash);
      tried += 1;
    }
    expect(tried).toBeGreaterThan(0);
  });
});

describe('a card', () => {
  it('says in one sentence why, for every block and offer of every mail', async () => {
    for (const { name, persona } of cases())
      for (const { sentence, shown, about: what } of (await answerFor(name, persona)).blocks)
        expect(sentence).toMatch(
          what === 'message' ? /^Will / : shown ? /^Shown.*\.$/ : /^Hidden: .+\.$/,
        );
  });

  it('names points as the brand does', async () => {
    const short = personas.filter(({ id }) => id === 'below-minimum');
    const sentences = await Promise.all(
      short.map(async (persona) => {
        const template = persona.brand === 'kestrel' ? 'flight-booking' : 'order-confirmation';
        return about((await answerFor(template, persona)).blocks, 'block:points-banner')?.sentence;
      }),
    );
    expect(sentences).toEqual([
      'Hidden: 99 stars, 100 needed.',
      'Hidden: 900 miles, 1,000 needed.',
    ]);
  });
});

it('answers the same question with the same bytes', async () => {
  const [persona] = personas;
  if (!persona) throw new Error('there are no personas');
  const [first, second] = [
    await answerFor('order-confirmation', persona),
    await answerFor('order-confirmation', persona),
  ];
  expect(second.mail?.hash).toBe(first.mail?.hash);
});
