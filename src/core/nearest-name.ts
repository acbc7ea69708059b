/** The name that `wrong` was probably meant to be: the fewest slips away, `most` at most. A third of it, unless said. */
export function nearestName(
  wrong: string,
  names: Iterable<string>,
  most = Math.max(1, Math.floor(wrong.length / 3)),
): string | undefined {
  let found: string | undefined;
  let fewest = most + 1;
  for (const name of names) {
    const count = slips(wrong, name);
    if (count >= fewest) continue;
    found = name;
    fewest = count;
  }
  return found;
}

/** What is said of a name that nothing has, with the one that was probably meant. */
export function noSuch(what: string, name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return `there is no ${what} "${name}"${near === undefined ? '' : `; is it "${near}"?`}`;
}

/** Characters to add, leave out, replace or swap with their neighbours until `from` is `to`. */
function slips(from: string, to: string): number {
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row.push(
        Math.min(
          at(last, j) + 1,
          at(row, j - 1) + 1,
          at(last, j - 1) + (same ? 0 : 1),
          swapped ? at(before, j - 2) + 1 : Infinity,
        ),
      );
    }
    [before, last] = [last, row];
  }
  return at(last, to.length);
}

const at = (row: readonly number[], index: number) => row[index] ?? Infinity;
