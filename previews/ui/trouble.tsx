import type { ReactNode } from 'react';

import type { Trouble } from '../protocol.ts';

/** What is wrong, over the last good rendering: a sentence, the place, the lines around it. */
export function TroubleSheet({ trouble }: { trouble: Trouble }) {
  return (
    <section className="trouble" role="alert">
      <h2>{trouble.title}</h2>
      <Problems trouble={trouble} />
    </section>
  );
}

/** Something elsewhere is wrong; this mail is not concerned. */
export function TroubleNotice({ trouble }: { trouble: Trouble }) {
  const [first] = trouble.problems;
  return (
    <details className="notice">
      <summary>
        Elsewhere: {trouble.title.charAt(0).toLowerCase() + trouble.title.slice(1)}
        {first?.file !== undefined && (
          <>
            {' '}
            in <code>{placeOf(first)}</code>
          </>
        )}
      </summary>
      <Problems trouble={trouble} />
    </details>
  );
}

const Problems = ({ trouble }: { trouble: Trouble }) => (
  <ul>
    {trouble.problems.map((problem) => (
      <li key={`${placeOf(problem)} ${problem.message}`}>
        <p>{problem.message}</p>
        {problem.file !== undefined && (
          <p className="where">
            <code>{placeOf(problem)}</code>
          </p>
        )}
        {problem.frame && (
          <pre className="frame-lines" tabIndex={0} aria-label={`Lines of ${problem.file}`}>
            {problem.frame.map(({ line, text, here }) => (
              <span key={line} className={here ? 'here' : ''}>
                <span className="line-number">{line}</span>
                {text || ' '}
                {'\n'}
              </span>
            ))}
          </pre>
        )}
      </li>
    ))}
  </ul>
);

const placeOf = ({ file = '', line }: Trouble['problems'][number]) =>
  line === undefined ? file : `${file}:${line}`;

export const Empty = ({ title, children }: { title: string; children: ReactNode }) => (
  <section className="empty">
    <h2>{title}</h2>
    {children}
  </section>
);
