import { type Compared, differencesOf } from './differences.ts';

type Props = {
  readonly left: Compared;
  readonly right: Compared;
  /** What either side is called. */
  readonly names?: readonly [left: string, right: string];
};

/** What is decided otherwise on two sides, and which lines of the text only one of them has. */
export function DifferenceList({ left, right, names = ['left', 'right'] }: Props) {
  const { decisions, lines } = differencesOf(left, right);
  const count = decisions.length + lines.length;
  return (
    <details className="differences">
      <summary>
        {count === 0
          ? 'They say the same'
          : `${decisions.length} decided otherwise, ${lines.length === 1 ? '1 line differs' : `${lines.length} lines differ`}`}
      </summary>
      <ul>
        {decisions.map(({ id, title, left: one, right: two }) => (
          <li key={id}>
            <strong>{title}</strong>
            <span>{one}</span>
            <span>{two}</span>
          </li>
        ))}
        {lines.map(({ side, text }, index) => (
          // The same line may differ twice.
          <li key={`${index} ${text}`} className="text-line">
            <strong>Only {side === 'left' ? names[0] : names[1]}</strong>
            <span className="wide">{text}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
