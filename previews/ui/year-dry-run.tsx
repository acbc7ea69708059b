import { useState } from 'react';

import type { Outcome, Preflight } from '../../src/contract/preflight.ts';
import type { DryRunAnswer, DryRunQuery, ErrorReport } from '../protocol.ts';
import { dryRun, useSettings } from './answers.ts';
import { CopyButton } from './copy-button.tsx';
import { ErrorNotice } from './error-report.tsx';
import { addressOf, type Go, type Place } from './place.ts';

type Props = Pick<DryRunQuery, 'template' | 'brand' | 'year'> & {
  readonly place: Place;
  readonly go: Go;
};

type Doing =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'ended'; readonly answer: DryRunAnswer }
  | { readonly kind: 'failed'; readonly report: ErrorReport };

/** What would become of an audience, and what to run when that is as it should be. */
export function YearDryRun({ template, brand, year, place, go }: Props) {
  const settings = useSettings();
  const [audience, setAudience] = useState('');
  const [file, setFile] = useState('members.csv');
  const [everybody, setEverybody] = useState(false);
  const [doing, setDoing] = useState<Doing>({ kind: 'nothing' });
  const run = async () => {
    setDoing({ kind: 'busy' });
    const answer = await dryRun({ template, brand, year, audience, everybody });
    setDoing('found' in answer ? { kind: 'ended', answer } : { kind: 'failed', report: answer });
  };
  const command = `laurel campaign start ${template} --year ${year} --audience ${quoted(file)} --brand ${brand}`;
  return (
    <section aria-label="Dry run">
      <h2 className="small-title">What would become of an audience</h2>
      {settings?.publishes === false ? (
        <p>
          Members are looked up on the machine the preview was started on: use{' '}
          <code>laurel campaign preflight {template}</code> there.
        </p>
      ) : (
        <>
          <p className="quiet">
            Makes every mail as a worker would, from the members’ real figures. Nothing is sent, and
            nothing stored.
          </p>
          <label className="field wide-field">
            <span>Audience file: CSV or JSON with member ids</span>
            <input
              type="file"
              accept=".csv,.json,.ndjson,.txt"
              onChange={({ target }) => {
                const [chosen] = target.files ?? [];
                if (!chosen) return;
                setFile(chosen.name);
                void chosen.text().then(setAudience);
              }}
            />
          </label>
          <label className="field wide-field">
            <span>or as text</span>
            <textarea
              rows={5}
              spellCheck={false}
              placeholder={'memberId\nnoah-reyes\nida-novak'}
              value={audience.length > mostShown ? '' : audience}
              onChange={({ target }) => setAudience(target.value)}
            />
          </label>
          <div className="row-of-buttons">
            <button
              type="button"
              className="button primary"
              disabled={doing.kind === 'busy' || audience.trim() === ''}
              onClick={() => void run()}
            >
              Look, without sending
            </button>
            <label className="check">
              <input
                type="checkbox"
                checked={everybody}
                onChange={({ target }) => setEverybody(target.checked)}
              />
              Everybody, not 200 of them
            </label>
          </div>
        </>
      )}
      <div className="publish-said" role="status">
        <Said doing={doing} named={settings?.showsSent === true} place={place} go={go} />
      </div>
      <h2 className="small-title">What to run</h2>
      <div className="run-line">
        <code>{command}</code>
        <CopyButton text={command} />
      </div>
      <p className="quiet">
        With <code>--pilot 5%</code> a share goes first, and with <code>--paused</code> nothing goes
        until it is resumed. The same command never sends twice.
      </p>
    </section>
  );
}

function Said({ doing, named, place, go }: { readonly doing: Doing } & Omit<FoundProps, 'found'>) {
  return (
    <>
      {doing.kind === 'busy' && <p className="quiet">Making the mails …</p>}
      {doing.kind === 'failed' && <ErrorNotice report={doing.report} />}
      {doing.kind === 'ended' &&
        (doing.answer.found ? (
          <Found found={doing.answer.found} named={named} place={place} go={go} />
        ) : (
          <>
            <p className="badge bad">It could not be looked at.</p>
            <pre tabIndex={0} aria-label="What the command said">
              {doing.answer.lines.join('\n')}
            </pre>
          </>
        ))}
    </>
  );
}

/** Larger ones are there, and too long to be edited in a page. */
const mostShown = 20_000;

const quoted = (name: string) =>
  /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`;

type FoundProps = {
  readonly found: Preflight;
  /** Whether real members are shown. */
  readonly named: boolean;
} & Pick<Props, 'place' | 'go'>;

function Found({ found, named, place, go }: FoundProps) {
  const { audience, lookedAt, willSend, tooLittle, held, suppressed, errors } = found;
  const rows: readonly (readonly [name: string, kind: string, outcome: Outcome])[] = [
    ['Will be sent', 'good', willSend],
    ...(tooLittle ? [['of them too little data: the small one', 'part', tooLittle] as const] : []),
    ...Object.entries(held).map(([why, one]) => [`Wait: ${spaced(why)}`, 'warn', one] as const),
    ...Object.entries(suppressed).map(
      ([why, one]) => [`Not sent: ${spaced(why)}`, 'warn', one] as const,
    ),
    ...Object.entries(errors).map(
      ([why, one]) => [`Can’t be made: ${spaced(why)}`, 'bad', one] as const,
    ),
  ];
  return (
    <>
      <p>
        <strong>
          {number(lookedAt)} of {number(audience)} {audience === 1 ? 'member' : 'members'} looked
          at.
        </strong>{' '}
        <span className="quiet">
          {lookedAt < audience && 'The same ones each time. '}
          Making all of them takes {duration(found.estimatedSeconds)} on one worker.
        </span>
      </p>
      <table className="outcomes">
        <thead>
          <tr>
            <th scope="col">What becomes of them</th>
            <th scope="col">Members</th>
            {named && <th scope="col">Such as</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, kind, { count, examples, error }]) => (
            <tr key={name}>
              <th scope="row">
                <span className={kind === 'part' ? 'part' : `badge ${kind}`}>{name}</span>
                {error !== null && <span className="quiet">{error}</span>}
              </th>
              <td>{number(count)}</td>
              {named && (
                <td>
                  {examples.map((id) => (
                    <Example key={id} id={id} place={place} go={go} />
                  ))}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {!named && (
        <p className="quiet">
          Start the preview with <code>PREVIEW_REAL_MEMBERS=true</code> to see examples of each.
        </p>
      )}
    </>
  );
}

function Example({ id, place, go }: { readonly id: string } & Pick<Props, 'place' | 'go'>) {
  const to: Place = { ...place, room: 'sent', template: null, message: null, member: id };
  return (
    <a
      href={addressOf(to)}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      {id}
    </a>
  );
}

const number = (value: number) => value.toLocaleString('en');
const spaced = (reason: string) => reason.replaceAll('-', ' ');

const duration = (seconds: number) =>
  seconds < 90
    ? `about ${Math.max(1, Math.ceil(seconds))} seconds`
    : seconds < 5_400
      ? `about ${Math.ceil(seconds / 60)} minutes`
      : `about ${Math.ceil(seconds / 3_600)} hours`;
