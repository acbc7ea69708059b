import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { Persona } from '../fixtures/persona.ts';
import { type Catalogue, Offer, Product } from '../src/brand/catalogue.ts';
import { Profile, type ProfileReading } from '../src/contract/profile.ts';
import { parseJson } from '../src/render/source/json-file.ts';
import { type SourceProblem, TemplateError } from '../src/render/source/problems.ts';

/** A persona and what a look-up at send time gives: `fixtures/<brand>/profiles/<memberId>.json`. */
export type KnownPersona = Persona & { readonly reading: ProfileReading };

/** What there is to try a brand with: synthetic members, the catalogue, and sample data by template. */
export type BrandFixtures = {
  readonly personas: readonly KnownPersona[];
  readonly catalogue: Catalogue;
  readonly samples: ReadonlyMap<string, Record<string, unknown>>;
};

/**
 * Reads `fixtures/<brand>/`. A file that isn't there is empty.
 * @throws TemplateError with every mistake, each with file and line
 */
export async function readFixtures(
  root: string,
  brand: string,
  templates: readonly string[],
): Promise<BrandFixtures> {
  const problems: SourceProblem[] = [];
  const read = async <Value>(
    name: string,
    schema: z.ZodType<Value>,
  ): Promise<Value | undefined> => {
    const file = `fixtures/${brand}/${name}`;
    const source = await readFile(join(root, file), 'utf8').catch(missing);
    if (source === undefined) return undefined;
    try {
      const json = parseJson(source, file);
      const parsed = schema.safeParse(json.value);
      if (parsed.success) return parsed.data;
      for (const { path, message } of parsed.error.issues)
        problems.push({ file, line: json.lineOf(path), path: path.map(String).join('.'), message });
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      problems.push(...error.problems);
    }
    return undefined;
  };
  const [people, products, offers, samples] = await Promise.all([
    read('personas.json', z.array(Persona)),
    read('products.json', z.array(Product)),
    read('offers.json', z.array(Offer)),
    Promise.all(
      templates.map(async (template) => ({
        template,
        data: await read(`samples/${template}.json`, z.record(z.string(), z.unknown())),
      })),
    ),
  ]);
  const personas = await Promise.all(
    (people ?? []).map(async (persona): Promise<KnownPersona[]> => {
      if (persona.memberId === null)
        return [{ ...persona, reading: { kind: 'guest', why: 'unknown-address' } }];
      const golden = await read(`profiles/${persona.memberId}.json`, Golden);
      if (!golden) return [];
      const reading: ProfileReading =
        'kind' in golden ? { kind: 'erased' } : { kind: 'member', profile: golden };
      return [{ ...persona, reading }];
    }),
  );
  if (problems.length > 0) throw new TemplateError(problems);
  return {
    personas: personas.flat(),
    catalogue: {
      version: 'fixtures',
      products: new Map((products ?? []).map((product) => [product.productId, product])),
      offers: (offers ?? []).filter((offer) => offer.brand === brand),
    },
    samples: new Map(
      samples.flatMap(({ template, data }) => (data ? [[template, data] as const] : [])),
    ),
  };
}

const Golden = z.union([z.strictObject({ kind: z.literal('erased') }), Profile]);

function missing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
