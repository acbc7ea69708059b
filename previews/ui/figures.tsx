import { useEffect, useRef, useState } from 'react';

import type { Account, ErrorReport, MailFigure, MailFigures, RenderQuery } from '../protocol.ts';
import { figuresOf } from './answers.ts';
import { ErrorNotice } from './error-report.tsx';

type Props = {
  readonly query: RenderQuery;
  readonly version: number;
  /** A text of the mail that was clicked: a figure in it opens. */
  readonly clicked: { readonly text: string } | null;
};

/** Every figure the mail says of its member; each leads to the ledger entries it is made of. */
export function Figures({ query, version, clicked }: Props) {
  const [state, setState] = useState<{
    readonly of: string;
    readonly found: MailFigures | null;
    readonly report: ErrorReport | null;
  }>({ of: '', found: null, report: null });
  const of = `${version} ${JSON.stringify(query)}`;
  useEffect(() => {
    let current = true;
    const ask = async () => {
      const asked: RenderQuery = JSON.parse(of.slice(of.indexOf(' ')));
      const answer = await figuresOf(asked);
      if (!current) return;
      setState(
        'figures' in answer
          ? { of, found: answer, report: null }
          : { of, found: null, report: answer },
      );
    };
    // After the mail itself, and not for every step of a slider.
    const timer = setTimeout(() => void ask(), 400);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [of]);
  if (state.report) return <ErrorNotice report={state.report} />;
  const { found } = state;
  if (!found || found.figures.length === 0) return null;
  const chosen = clicked && found.figures.find((one) => says(clicked.text, one.value));
  return (
    <>
      <h2 className="small-title">
        Figures of the member <span>{state.of === of ? '' : 'counting …'}</span>
      </h2>
      <ul className="cards">
        {found.figures.map((figure) => (
          <li key={`${figure.card} ${figure.label}`} className="card">
            <Figure
              figure={figure}
              account={found.accounts.find(({ id }) => id === figure.account) ?? null}
              opened={figure === chosen ? clicked : null}
            />
          </li>
        ))}
      </ul>
    </>
  );
}

const digits = (text: string) => text.replaceAll(/[^\d]/g, '');

/** Whether a text says a figure, however its language writes it. */
const says = (text: string, value: string) =>
  (text.match(/\d[\d.,’'\s\u00a0\u202f]*/g) ?? []).some(
    (one) => digits(one) === digits(value) && digits(one) !== '',
  );

type FigureProps = {
  readonly figure: MailFigure;
  readonly account: Account | null;
  readonly opened: object | null;
};

function Figure({ figure: { label, value, adds }, account, opened }: FigureProps) {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (!opened || !details.current) return;
    details.current.open = true;
    details.current.scrollIntoView({ block: 'nearest' });
    details.current.querySelector('summary')?.focus();
  }, [opened]);
  if (!account)
    return (
      <p className="figure-line">
        <span>
          {label} <small>of this message or the programme</small>
        </span>
        <strong>{value}</strong>
      </p>
    );
  return (
    <details ref={details}>
      <summary className="figure-line">
        <span>
          {label}{' '}
          <small>
            {account.rows.length} {account.rows.length === 1 ? 'entry' : 'entries'}
          </small>
        </span>
        <strong>{value}</strong>
      </summary>
      <div className="entries-of">
        <p className="quiet">
          {account.title}. {account.how}
        </p>
        <div className="entries-table" tabIndex={0} role="region" aria-label={`Entries: ${label}`}>
          <table>
            <thead>
              <tr>
                {account.columns.map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {account.rows.map((row, index) => (
                // Two movements may be alike.
                <tr key={index}>
                  {row.map((cell, at) => (
                    <td key={account.columns[at]}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {account.sum !== null && (
          <p className={adds ? 'badge good' : 'badge warn'}>
            {adds
              ? `They come to ${value}, which the mail says.`
              : `They come to ${Number(account.sum).toLocaleString('en')}; the mail says ${value}: changed by hand here, or a part of it.`}
          </p>
        )}
      </div>
    </details>
  );
}
