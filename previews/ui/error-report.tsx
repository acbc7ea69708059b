import type { ReactNode } from 'react';

import type { ErrorReport } from '../protocol.ts';

/** What is wrong, over the last good rendering: a sentence, the place, the lines around it. */
export function ErrorSheet({ report }: { report: ErrorReport }) {
  return (
    <section className="report" role="alert">
      <h2>{report.title}</h2>
      <Problems report={report} />
    </section>
  );
}

/** Something elsewhere is wrong; this mail is not concerned. */
export function ErrorNotice({ report }: { report: ErrorReport }) {
  const [first] = report.problems;
  return (
    <details className="notice">
      <summary>
        Elsewhere: {report.title.charAt(0).toLowerCase() + report.title.slice(1)}
        {first?.file !== undefined && (
          <>
            {' '}
            in <code>{placeOf(first)}</code>
          </>
        )}
      </summary>
      <Problems report={report} />
    </details>
  );
}

const Problems = ({ report }: { report: ErrorReport }) => (
  <ul>
    {report.problems.map((problem) => (
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

const placeOf = ({ file = '', line }: ErrorReport['problems'][number]) =>
  line === undefined ? file : `${file}:${line}`;

type EmptyProps = {
  readonly title: string;
  /** Whether it is all there is on the page. */
  readonly alone?: boolean;
  readonly children: ReactNode;
};

export const Empty = ({ title, alone = false, children }: EmptyProps) => (
  <section className="empty">
    {alone ? <h1>{title}</h1> : <h2>{title}</h2>}
    {children}
  </section>
);
