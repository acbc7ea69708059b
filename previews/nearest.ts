import type { Decision } from '../src/contract/decision.ts';
import type { ProfileReading } from '../src/contract/profile.ts';
import { InvalidInput } from '../src/core/errors.ts';
import type { Persona } from '../src/personas/persona.ts';
import type { RenderRequest } from './protocol.ts';
import { previewDecision } from './render.ts';
import { openScene, type Scene, type Staged } from './scene.ts';
import { type Goal, isMet } from './search.ts';
import type { Workshop } from './workshop.ts';

/** Somebody else as they are, and what becomes of the same mail for them. */
type Other = {
  readonly persona: Persona;
  readonly scene: Scene;
  readonly staged: Staged;
  readonly decision: Decision;
};

/** Who of the brand's personas has something as they are, the nearest to this one first. */
export type Others = {
  readonly whoHas: (goal: Goal) => Promise<Other | null>;
  /** Everybody else, in the same order. */
  readonly all: () => Promise<readonly Other[]>;
};

export function openOthers(
  workshop: Workshop,
  request: RenderRequest,
  { persona, fixtures, brand }: Scene,
  staged: Staged,
): Others {
  let asked: Promise<readonly Other[]> | undefined;
  const all = async () => {
    const others = fixtures.personas.filter((one) => one !== persona);
    const found = await Promise.all(
      others.map(async (one): Promise<readonly Other[]> => {
        // As they are: with their own sample, and nothing changed.
        const { template, at, locale } = request;
        const scene = await openScene(workshop, {
          template,
          brand: brand.id,
          persona: one.id,
          set: {},
          data: {},
          ...(at !== undefined && { at }),
          ...(locale !== undefined && { locale }),
        });
        const theirs = await scene.stage(scene.asked);
        const decision = decisionOf(theirs);
        return decision ? [{ persona: one, scene, staged: theirs, decision }] : [];
      }),
    );
    const far = distanceFrom(staged.input.reading);
    return found
      .flat()
      .toSorted((one, other) => far(one.staged.input.reading) - far(other.staged.input.reading));
  };
  const known = () => (asked ??= all());
  return {
    all: known,
    whoHas: async (goal) => {
      const others = await known();
      return others.find(({ decision }) => isMet(decision, goal)) ?? null;
    },
  };
}

/** How much somebody differs in what mails go by. */
function distanceFrom(mine: ProfileReading): (other: ProfileReading) => number {
  return (other) => {
    if (mine.kind !== 'member' || other.kind !== 'member') return mine.kind === other.kind ? 0 : 4;
    const [a, b] = [mine.profile, other.profile];
    return (
      (a.locale === b.locale ? 0 : 1) +
      Math.abs(a.currentTier.rank - b.currentTier.rank) +
      (a.consents.marketing?.granted === b.consents.marketing?.granted ? 0 : 1)
    );
  };
}

function decisionOf({ input }: Staged): Decision | null {
  try {
    return previewDecision(input);
  } catch (error) {
    if (error instanceof InvalidInput) return null;
    throw error;
  }
}
