import type { RenderAnswer, Trial, Verdict } from '../protocol.ts';

type Props = {
  readonly verdict: Verdict;
  readonly hypothetical: RenderAnswer['hypothetical'];
  /** What is on disk can't be rendered: this is about the last that could. */
  readonly stale: boolean;
  readonly onTry: (trial: Trial) => void;
  readonly onPersona: (id: string) => void;
};

/** Whether the mail goes, and if not, why, what would turn it, and who gets it. */
export function VerdictStrip({ verdict, hypothetical, stale, onTry, onPersona }: Props) {
  const { kind, sentence, flip, trial, who, expected } = verdict;
  return (
    <section
      className={stale ? 'verdict stale' : `verdict ${kind}`}
      aria-label="Verdict"
      aria-live="polite"
    >
      <Mark kind={stale ? 'hold' : kind} />
      <p>
        <strong>{stale ? 'Not what is on disk: the last save can’t be rendered' : sentence}</strong>
        {!stale && hypothetical === 'tried' && (
          <span className="verdict-more"> Below, the mail as it would be.</span>
        )}
        {!stale && hypothetical === 'theirs' && (
          <span className="verdict-more">
            {' '}
            {flip ?? 'Nothing that can be changed here sends it.'} Below, the mail as{' '}
            {who?.name ?? 'somebody else'} would get it.
          </span>
        )}
        {expected !== null && (
          <span className="unexpected">
            {' '}
            Their story expects otherwise: <code>{expected}</code>
          </span>
        )}
      </p>
      {trial && <TryButton trial={trial} onTry={onTry} />}
      {who && (
        <button type="button" className="button" onClick={() => onPersona(who.persona)}>
          Who gets this? {who.name}
        </button>
      )}
    </section>
  );
}

/** One change by its name; several by their number, named when pointed at or read out. */
export const TryButton = ({
  trial,
  about,
  onTry,
}: {
  readonly trial: Trial;
  readonly about?: string;
  readonly onTry: (trial: Trial) => void;
}) => (
  <button
    type="button"
    className="button"
    title={trial.changes.join(', ')}
    onClick={() => onTry(trial)}
  >
    {trial.label}
    <span className="hidden">
      {trial.changes.length > 1 && `: ${trial.changes.join(', ')}`}
      {about !== undefined && `, for ${about}`}
    </span>
  </button>
);

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
