import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { type Catalogue, Offer, Product } from '../brand/catalogue.ts';
import { undefinedWhereMissing } from '../core/code-of.ts';
import { Instant } from '../core/instant.ts';
import { parseJson } from '../render/source/json-file.ts';
import { type SourceProblem, TemplateError } from '../render/source/problems.ts';
import { readHistory, type ToldEvent } from './history.ts';
import { Persona } from './persona.ts';
import { Own, type Sample, Variation, variedSample } from './samples.ts';

/** What there is to try a brand with: synthetic people and what happened to them, the catalogue, sample data by template. */
export type BrandFixtures = {
  readonly personas: readonly Persona[];
  /** In order of time. */
  readonly events: readonly ToldEvent[];
  readonly catalogue: Catalogue;
  /** By template, the usual one first; none of it where there is none. */
  readonly samples: ReadonlyMap<string, readonly Sample[]>;
  /** When the stories play: `fixtures/now.json`; null without one. */
  readonly now: Date | null;
};

/**
 * Reads what a fixtures folder has of a brand. A file that isn't there is empty.
 * @throws TemplateError with every mistake, each with file and line
 */
export async function readFixtures(
  folder: string,
  brand: string,
  templates: readonly string[],
): Promise<BrandFixtures> {
  const problems: SourceProblem[] = [];
  const read = async <Value>(
    name: string,
    parse: (source: string, file: string) => Value,
  ): Promise<Value | undefined> => {
    const file = `fixtures/${name}`;
    const source = await readFile(join(folder, name), 'utf8').catch(undefinedWhereMissing);
    if (source === undefined) return undefined;
    try {
      return parse(source, file);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const [
    personas = [],
    events = [],
    products = [],
    offers = [],
    now = null,
    everywhere = {},
    here = {},
    data,
    variations,
  ] = await Promise.all([
    read(`${brand}/personas.json`, as(z.array(Persona))),
    read(`${brand}/events.ndjson`, readHistory),
    read(`${brand}/products.json`, as(z.array(Product))),
    read(`${brand}/offers.json`, as(z.array(Offer))),
    read('now.json', as(Instant)),
    read('own.json', as(Own)),
    read(`${brand}/own.json`, as(Own)),
    Promise.all(
      templates.map(async (template) => {
        const schema = z.record(z.string(), z.unknown());
        return [template, await read(`${brand}/samples/${template}.json`, as(schema))] as const;
      }),
    ),
    Promise.all(
      (await variationsIn(join(folder, brand, 'samples'), templates)).map(
        async ({ template, id }) => ({
          template,
          id,
          varied: await read(`${brand}/samples/${template}/${id}.json`, as(Variation)),
        }),
      ),
    ),
  ]);
  if (problems.length > 0) throw new TemplateError(problems);
  return {
    personas,
    events,
    catalogue: {
      version: 'fixtures',
      products: new Map(products.map((product) => [product.productId, product])),
      offers: offers.filter((offer) => offer.brand === brand),
    },
    samples: new Map(
      data.flatMap(([template, usual]) => {
        if (!usual) return [];
        const first: Sample = {
          id: 'usual',
          title: 'The usual one',
          personas: [],
          data: usual,
          own: { ...everywhere[template], ...here[template] },
        };
        const others = variations.flatMap(({ template: of, id, varied }) =>
          of === template && varied ? [variedSample(id, first, varied)] : [],
        );
        return [[template, [first, ...others]]];
      }),
    ),
    now: now === null ? null : new Date(now),
  };
}

/** Further samples of templates, in the order of their names. */
async function variationsIn(folder: string, templates: readonly string[]) {
  const found = await Promise.all(
    templates.map(async (template) => {
      const names = (await readdir(join(folder, template)).catch(undefinedWhereMissing)) ?? [];
      return names
        .filter((name) => name.endsWith('.json'))
        .toSorted()
        .map((name) => ({ template, id: name.slice(0, -'.json'.length) }));
    }),
  );
  return found.flat();
}

/** The instant to look at the stories from where nobody asks for another. */
export const playedAt = ({ now }: BrandFixtures, today: Date): Date => now ?? today;

/** A JSON file of this shape. */
const as =
  <Value>(schema: z.ZodType<Value>) =>
  (source: string, file: string): Value => {
    const json = parseJson(source, file);
    const parsed = schema.safeParse(json.value);
    if (parsed.success) return parsed.data;
    throw new TemplateError(
      parsed.error.issues.map(({ path, message }) => ({
        file,
        line: json.lineOf(path),
        path: path.map(String).join('.'),
        message,
      })),
    );
  };
