import type { Trial, Verdict } from '../protocol.ts';

type Props = {
  readonly verdict: Verdict;
  readonly hypothetical: boolean;
  readonly onTry: (trial: Trial) => void;
};

/** Whether the mail goes, and if not, why and what would turn it. */
export function VerdictStrip({ verdict, hypothetical, onTry }: Props) {
  const { kind, sentence, flip, trial } = verdict;
  return (
    <section className={`verdict ${kind}`} aria-label="Verdict" aria-live="polite">
      <Mark kind={kind} />
      <p>
        <strong>{sentence}</strong>
        {hypothetical && <span className="verdict-more"> Below, the mail as it would be.</span>}
        {!hypothetical && flip !== null && <span className="verdict-more"> {flip}</span>}
      </p>
      {trial && (
        <button type="button" className="button" onClick={() => onTry(trial)}>
          {trial.label}
        </button>
      )}
    </section>
  );
}

const paths: Readonly<Record<Verdict['kind'], string>> = {
  send: 'm5 9.500 3 3 5.500-6.500',
  suppress: 'm6 6 6 6m0-6-6 6',
  hold: 'M9 5.500V9l2.500 1.800',
};

const Mark = ({ kind }: { kind: Verdict['kind'] }) => (
  <svg viewBox="0 0 18 18" width="18" height="18" aria-hidden="true">
    <circle cx="9" cy="9" r="9" fill="currentColor" />
    <path
      d={paths[kind]}
      fill="none"
      stroke="var(--page)"
      strokeWidth="1.800"
      strokeLinecap="round"
    />
  </svg>
);
