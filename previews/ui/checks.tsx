import type { CheckFinding, MailChecks, RenderAnswer } from '../protocol.ts';
import { useChecks } from './answers.ts';
import { ErrorSheet } from './error-report.tsx';

type Props = {
  readonly answer: RenderAnswer;
  readonly version: number;
  readonly onText: () => void;
};

/** What a careful sender would look at before this mail goes. */
export function Checks({ answer, version, onText }: Props) {
  if (!answer.mail)
    return <p className="quiet">There is no mail to check: {answer.verdict.sentence}.</p>;
  return <OfMail hash={answer.mail.hash} version={version} onText={onText} />;
}

function OfMail({ hash, version, onText }: Omit<Props, 'answer'> & { readonly hash: string }) {
  const { checks, reading, report } = useChecks(hash, version);
  if (report) return <ErrorSheet report={report} />;
  if (!checks)
    return (
      <p className="quiet" role="status">
        Looking at the mail …
      </p>
    );
  const read = reading && 'findings' in reading ? reading.findings : [];
  const of = (severity: CheckFinding['severity']) =>
    [...checks.findings, ...read].filter((one) => one.severity === severity);
  const [errors, warnings, fine] = [of('error'), of('warning'), of('fine')];
  return (
    <>
      <p className="checks-sum" role="status">
        {errors.length + warnings.length === 0 ? 'Nothing to fix' : summaryOf(errors, warnings)}
        {reading === null && ' so far; it is being read in a browser …'}
      </p>
      <List title="Fix before sending" kind="error" findings={errors} />
      <List title="Look at" kind="warning" findings={warnings} />
      <Size size={checks.size} />
      <Clients clients={checks.clients} />
      <h2 className="small-title">Text part</h2>
      <p className="check-line">
        {checks.text.lines} lines for who reads no html, and for spam filters.{' '}
        <button type="button" className="plain" onClick={onText}>
          Read it
        </button>
      </p>
      {reading && 'skipped' in reading && (
        <p className="check-line quiet-text">
          Contrast and structure were not read in a browser: {reading.skipped}.
        </p>
      )}
      {fine.length > 0 && (
        <details className="fine">
          <summary>{fine.length} more that are fine</summary>
          <Findings kind="fine" findings={fine} />
        </details>
      )}
    </>
  );
}

const summaryOf = (errors: readonly unknown[], warnings: readonly unknown[]) =>
  [
    errors.length > 0 && `${errors.length} to fix`,
    warnings.length > 0 && `${warnings.length} to look at`,
  ]
    .filter(Boolean)
    .join(', ');

type ListProps = {
  readonly kind: CheckFinding['severity'];
  readonly findings: readonly CheckFinding[];
};

const List = ({ title, ...list }: ListProps & { readonly title: string }) =>
  list.findings.length > 0 && (
    <>
      <h2 className="small-title">
        {title} <span>{list.findings.length}</span>
      </h2>
      <Findings {...list} />
    </>
  );

/** As people call it. */
function nameOf(check: string): string {
  const name = check === 'axe' ? 'accessibility' : check.replaceAll('-', ' ');
  return name.charAt(0).toUpperCase() + name.slice(1);
}

const Findings = ({ kind, findings }: ListProps) => (
  <ul className={`findings ${kind}`}>
    {findings.map(({ check, message, fix, file, line }) => (
      <li key={`${check} ${message}`}>
        <p className="finding">
          <b>{nameOf(check)}:</b> {message}
        </p>
        {fix !== '' && <p className="fix">{fix.charAt(0).toUpperCase() + fix.slice(1)}.</p>}
        {file !== undefined && kind !== 'fine' && (
          <p className="where">
            <code>{line === undefined ? file : `${file}:${line}`}</code>
          </p>
        )}
      </li>
    ))}
  </ul>
);

const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;

/** How much of what Gmail shows is used, and by what. */
function Size({ size: { html, limit, blocks } }: { readonly size: MailChecks['size'] }) {
  const shown = blocks.filter(({ bytes }) => bytes > 0);
  const parts = [
    ...shown,
    { name: 'Everything else', bytes: html - shown.reduce((sum, { bytes }) => sum + bytes, 0) },
  ];
  const whole = Math.max(html, limit);
  const state = html > limit ? 'over' : html > 0.88 * limit ? 'near' : '';
  return (
    <>
      <h2 className="small-title">
        Size{' '}
        <span className={state}>
          {kilobytes(html)} of {Math.round(limit / 1024)} KB
        </span>
      </h2>
      <div className="size-bar" aria-hidden="true">
        {parts.map(({ name, bytes }) => (
          <span key={name} style={{ width: `${(100 * bytes) / whole}%` }} />
        ))}
        <i style={{ left: `${(100 * limit) / whole}%` }} />
      </div>
      <p className="check-line">
        {html > limit
          ? 'Gmail cuts this mail off and hides the rest, the link to unsubscribe first.'
          : 'Gmail shows all of it.'}
      </p>
      <ul className="parts">
        {parts.map(({ name, bytes }) => (
          <li key={name}>
            <span className="swatch" aria-hidden="true" />
            {name}
            <span>{kilobytes(bytes)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** What the mail programs of the brand's customers make of it. */
const Clients = ({ clients }: { readonly clients: MailChecks['clients'] }) => (
  <>
    <h2 className="small-title">Mail programs</h2>
    {clients === null ? (
      <p className="check-line quiet-text">
        What they support isn’t known here: caniemail is not installed.
      </p>
    ) : (
      <ul className="clients">
        {clients.map(({ name, lacking }) => {
          const broken = lacking.filter(({ fix }) => fix !== null);
          const plainer = lacking.filter(({ fix }) => fix === null);
          const state = broken.length > 0 ? 'breaks' : plainer.length > 0 ? 'plainer' : 'whole';
          return (
            <li key={name} className={state}>
              {lacking.length === 0 ? (
                <p>
                  <b>{name}</b> <span>shows all of it</span>
                </p>
              ) : (
                <details>
                  <summary>
                    <b>{name}</b>{' '}
                    <span>
                      {broken.length > 0
                        ? `${broken.length} ${broken.length === 1 ? 'thing falls' : 'things fall'} apart`
                        : 'looks plainer'}
                    </span>
                  </summary>
                  <ul>
                    {[...broken, ...plainer].map(({ feature, where, fix }) => (
                      <li key={feature}>
                        <code>{feature}</code> <span>not in {where.join(', ')}</span>
                        {fix !== null && <p className="fix">{fix}</p>}
                      </li>
                    ))}
                  </ul>
                </details>
              )}
            </li>
          );
        })}
      </ul>
    )}
  </>
);
