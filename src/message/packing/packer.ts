import { keptValues } from '../../core/memo.ts';
import type { Db } from '../../postgres/pool.ts';
import { commonText, type Sample } from './common-text.ts';
import { keepDictionary, latestDictionary, missingDictionaries } from './dictionaries.ts';
import { type Dictionary, dictionaryOf, pack } from './pack.ts';

/** A text of a kind, whose texts are alike, and whom it is about. */
export type ToPack = Sample & { readonly kind: string };
/** Packs texts, each as `unpacked` takes it. */
export type Packer = (texts: readonly ToPack[]) => Promise<Buffer[]>;

/** A dictionary is made of so many texts. */
const sampled = 96;
/** Offers and products change: after so many texts it is made anew, and taken where it is better. */
const anewAfter = 10_000;
/** It is better where it needs no more than this share of the room. */
const betterShare = 0.9;
/** So often it is made sure that dictionaries are still there: a database may lose its last moments. */
const lookMs = 60_000;

type Kind = { readonly samples: Sample[]; seen: number; dictionary: Dictionary | null };

/** @param db what commits each statement by itself: a dictionary has to be there before what is packed by it */
export function openPacker(db: Db): Packer {
  const opening = keptValues<Kind>();
  const kinds = new Map<string, Kind>();
  let lookedAt = performance.now();

  /** Dictionaries in use are there, also where the database went back to a moment before. */
  async function look(): Promise<void> {
    if (performance.now() - lookedAt < lookMs) return;
    lookedAt = performance.now();
    const used = [...kinds].flatMap(([kind, { dictionary }]) =>
      dictionary ? [{ kind, dictionary }] : [],
    );
    const missing = await missingDictionaries(
      db,
      used.map(({ dictionary }) => dictionary.id),
    );
    for (const { kind, dictionary } of used)
      if (missing.has(dictionary.id)) await keepDictionary(db, kind, dictionary);
  }

  async function kindOf(name: string): Promise<Kind> {
    const kind = await opening.get(name, async () => {
      const dictionary = await latestDictionary(db, name);
      // What there is may be old: it is looked at as soon as there are texts to compare it by.
      return { samples: [], seen: 0, dictionary };
    });
    kinds.set(name, kind);
    return kind;
  }

  return async (texts) => {
    await look();
    const full = new Set<string>();
    for (const { kind: name, ...sample } of texts) {
      const kind = kinds.get(name) ?? (await kindOf(name));
      if (kind.seen++ % anewAfter < sampled && kind.samples.push(sample) >= sampled) full.add(name);
    }
    for (const name of full) {
      const kind = await kindOf(name);
      kind.dictionary = await better(db, name, kind.dictionary, kind.samples.splice(0));
    }
    return texts.map(({ kind, text }) => pack(text, kinds.get(kind)?.dictionary ?? null));
  };
}

/** What packs these texts best: what is used, what somebody else made meanwhile, or what is made of them. */
async function better(
  db: Db,
  kind: string,
  used: Dictionary | null,
  samples: readonly Sample[],
): Promise<Dictionary | null> {
  const sizeBy = (by: Dictionary | null) =>
    samples.reduce((sum, { text }) => sum + pack(text, by).length, 0);
  const latest = await latestDictionary(db, kind);
  const best = latest && sizeBy(latest) < sizeBy(used) ? latest : used;
  const made = dictionaryOf(commonText(samples));
  if (sizeBy(made) > betterShare * sizeBy(best)) return best;
  await keepDictionary(db, kind, made);
  return made;
}
