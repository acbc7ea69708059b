import { PermanentError } from '../../core/errors.ts';

/** Values and conditions one part of a mail may work out in its loops: a second's work at most. */
const mostSteps = 1_000_000;
/** Characters one part of a mail may have. Mail clients cut at a fortieth of it. */
const longestPart = 4_000_000;

/**
 * What one part of a mail may still cost. Compiled templates have no other loops than those over data, nor recursion, so
 * counting rounds and characters is all it takes to keep them from running away.
 */
export type Budget = {
  /** At the start of every mail. */
  readonly renew: () => void;
  /** A round of a loop with so many values and conditions in it, and so many characters beside them. @throws PermanentError `too-large` */
  readonly round: (steps: number, characters: number) => void;
  /** A value. @throws PermanentError `too-large` */
  readonly write: (characters: number) => void;
};

export function openBudget(): Budget {
  let steps = mostSteps;
  let characters = longestPart;
  const write = (count: number) => {
    characters -= count;
    if (characters < 0)
      throw new PermanentError(
        'too-large',
        `makes more than ${longestPart.toLocaleString('en')} characters of this message's data; send less, or a link to all of it`,
      );
  };
  return {
    renew: () => {
      steps = mostSteps;
      characters = longestPart;
    },
    round: (count, written) => {
      steps -= count;
      if (steps < 0)
        throw new PermanentError(
          'too-large',
          `goes around so often over this message's data that more than ${mostSteps.toLocaleString('en')} values would be worked out; loop over shorter lists, or less deep`,
        );
      write(written);
    },
    write,
  };
}
