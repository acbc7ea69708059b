import { z } from 'zod';

import { readHistory, historiesIn } from '../../personas/history.ts';
import { Persona } from '../../personas/persona.ts';
import type { Library } from '../../project/library.ts';
import { type Answers, trades } from './answers.ts';
import { idOf } from './brand.ts';

/** People a project begins with. */
const most = 6;

/** Personas that fit the trade, what happened to them, what they buy and what they are offered; sample data of every template. */
export async function fixturesOf(
  library: Library,
  answers: Answers,
): Promise<ReadonlyMap<string, string>> {
  const { like } = trades[answers.trade];
  const id = idOf(answers.brand);
  const read = async (file: string) => (await library.fixture(like, file)) ?? '[]';
  /** The brand of the demo by the project's name, wherever it is named. */
  const renamed = (text: string) =>
    text
      .replaceAll(`"brand":"${like}"`, `"brand":"${id}"`)
      .replaceAll(`"brand": "${like}"`, `"brand": "${id}"`)
      .replaceAll(`www.${like}.example`, `www.${id}.example`)
      .replaceAll(new RegExp(`\\b${like}\\b`, 'gi'), (found) =>
        found === like ? id : answers.brand,
      );
  const personas = z
    .array(Persona)
    .parse(JSON.parse(await read('personas.json')))
    .slice(0, most)
    .map((persona) => ({ ...persona, stories: [] }));
  const told = readHistory(await read('events.ndjson'), 'events.ndjson');
  const historyOf = historiesIn(told);
  const events = new Set(
    personas.flatMap(({ memberId, email }) =>
      historyOf(memberId === null ? { email } : { memberId }),
    ),
  );
  const files = new Map([
    ['personas.json', `${JSON.stringify(personas, null, 2)}\n`],
    [
      'events.ndjson',
      told
        .filter((one) => events.has(one))
        .map(({ text }) => `${text}\n`)
        .join(''),
    ],
    ['products.json', await read('products.json')],
    ['offers.json', await read('offers.json')],
  ]);
  for (const name of library.names) {
    const sample = await library.fixture(like, `samples/${name}.json`);
    if (sample !== undefined) files.set(`samples/${name}.json`, sample);
  }
  return new Map([...files].map(([file, text]) => [`${id}/${file}`, renamed(text)]));
}
