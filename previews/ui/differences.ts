import type { SentSide } from '../protocol.ts';

/** A mail with what it was decided by, as far as it is compared. */
export type Compared = {
  readonly blocks: SentSide['blocks'];
  readonly mail: {
    readonly subject: string;
    /** Left out where it isn't kept. */
    readonly preheader?: string;
    readonly text: string;
  } | null;
};

type Differences = {
  readonly decisions: readonly {
    readonly id: string;
    readonly title: string;
    readonly left: string;
    readonly right: string;
  }[];
  readonly lines: readonly { readonly side: 'left' | 'right'; readonly text: string }[];
};

/** What an inbox shows of it, and its text. */
const wordsOf = ({ mail }: Compared) =>
  mail ? [mail.subject, mail.preheader ?? '', mail.text].join('\n') : '';

/** What is decided otherwise, and which lines of subject, preheader and text part only one of them has. */
export function differencesOf(left: Compared, right: Compared): Differences {
  const theirs = new Map(right.blocks.map((card) => [card.id, card]));
  const mine = new Map(left.blocks.map((card) => [card.id, card]));
  const both = [...left.blocks, ...right.blocks.filter(({ id }) => !mine.has(id))];
  const decisions = both.flatMap(({ id, title }) => {
    const [one, two] = [mine.get(id), theirs.get(id)];
    if (one?.shown === two?.shown && one?.rule === two?.rule) return [];
    const [mineSays, theirsSays] = [one?.sentence ?? 'Not asked', two?.sentence ?? 'Not asked'];
    // By another rule for the same reason: nobody would see what differs.
    if (one?.shown === two?.shown && mineSays === theirsSays) return [];
    return [{ id, title, left: mineSays, right: theirsSays }];
  });
  return { decisions, lines: differingLines(wordsOf(left), wordsOf(right)) };
}

function differingLines(left: string, right: string): Differences['lines'] {
  const [a, b] = [linesOf(left), linesOf(right)];
  const common = longestCommon(a, b);
  const found: { side: 'left' | 'right'; text: string }[] = [];
  let [i, j] = [0, 0];
  for (const [at, bt] of [...common, [a.length, b.length] as const]) {
    for (; i < at; i += 1) found.push({ side: 'left', text: a[i] ?? '' });
    for (; j < bt; j += 1) found.push({ side: 'right', text: b[j] ?? '' });
    [i, j] = [at + 1, bt + 1];
  }
  return found;
}

const linesOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** Places of the lines that both have, in their order. */
function longestCommon(a: readonly string[], b: readonly string[]): (readonly [number, number])[] {
  const lengths = Array.from({ length: a.length + 1 }, () =>
    Array.from({ length: b.length + 1 }, () => 0),
  );
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const row = lengths[i];
      if (row) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  const common: (readonly [number, number])[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) common.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return common;
}
